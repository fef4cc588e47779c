/** Without the control characters that the server refuses: they come with what is pasted, and show nothing. */
export const plain = (text: string): string => text.replace(/(?![\t\n\r])\p{Cc}/gu, ' ');
