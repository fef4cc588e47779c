/** The part of the widget that a page loads when it first sends or shows a file. */
export { Files } from './files';
