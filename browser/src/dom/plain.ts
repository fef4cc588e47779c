/** Removes the control characters that the server refuses: they come with pasted text, and are invisible. */
export const plain = (text: string): string => text.replace(/(?![\t\n\r])\p{Cc}/gu, ' ');
