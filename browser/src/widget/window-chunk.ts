/** The part of the widget that a page loads when it first needs the window. */
export { View } from './view';
