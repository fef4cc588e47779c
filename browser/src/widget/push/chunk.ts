/** The part of the widget that a page loads when a guest could switch on pushes. */
export { PushSwitch } from './push-switch';
