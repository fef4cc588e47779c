/** The paths of the widget's icons, in a box of 24 by 24. None has a direction, so all are the same from right to left. */
export const CHAT = 'M12 3.5c5 0 9 3.4 9 7.6s-4 7.6-9 7.6c-1 0-2-.1-2.9-.4L4 20.5l1.2-4C3.8 15.1 3 13.2 3 11.1 3 6.9 7 3.5 12 3.5z';
export const DOWN = 'M5.5 9l6.5 6.5L18.5 9';
export const CLOSE = 'M6 6l12 12M18 6L6 18';
export const MORE = 'M5 12h.01M12 12h.01M19 12h.01';
export const SEND = 'M12 19V5M5.5 11.5L12 5l6.5 6.5';
export const CLIP = 'M20 11.5l-8.2 8.2a5 5 0 0 1-7-7l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7l-8.4 8.4a1.7 1.7 0 0 1-2.4-2.4l7.7-7.7';
export const CHECK = 'M5 12.5l4.5 4.5L19 7.5';
