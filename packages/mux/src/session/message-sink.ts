import { ChannelSink } from "../channel/channel-sink.ts"

/** What messages are written to. One that can not be sent fails alone. */
export class MessageSink extends ChannelSink {
  protected override giveUp(): void {}
}
