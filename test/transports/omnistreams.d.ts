/** What is used of the published package, which has no types. */
declare module "omnistreams" {
  export class Producer {
    request(items: number): void
    onData(callback: (data: Uint8Array | undefined) => void): void
    onEnd(callback: () => void): void
    pipe(consumer: Consumer): Consumer
    terminate(): void
  }
  export class Consumer {
    write(data: Uint8Array): void
    end(): void
    onRequest(callback: (items: number) => void): void
    onTermination(callback: () => void): void
  }
  export class WebSocketTransport {
    constructor(socket: unknown)
  }
  export class Multiplexer {
    constructor(transport?: WebSocketTransport)
    createConduit(metadata?: Uint8Array): Consumer | null
    onConduit(callback: (producer: Producer, metadata: Uint8Array | undefined) => void): void
    onControlMessage(callback: (message: Uint8Array) => void): void
    sendControlMessage(message: Uint8Array): void
    getConsumers(): readonly Consumer[]
    setSendHandler(handler: (message: Uint8Array) => void): void
    handleMessage(message: Uint8Array): void
  }
}
