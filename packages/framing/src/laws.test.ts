import { decoderSubjects } from "../testing/decoder-subjects.ts"
import { encoderSubjects } from "../testing/encoder-subjects.ts"
import { keepsEveryLaw } from "../testing/laws.ts"

keepsEveryLaw("decoder", decoderSubjects)
keepsEveryLaw("encoder", encoderSubjects)
