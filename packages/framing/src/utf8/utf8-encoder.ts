/** The platform's encoder; it holds no state. */
export const utf8: TextEncoder = new TextEncoder()
