/** The texts of the part with the plots. In braces: what {@link fill} replaces. */
export const PLOT_TEXTS = {
  part: 'Plots',
  span: 'Time',
  spans: { hour: 'The last hour', day: 'The last day', week: 'The last week' },
  steps: { hour: 'minute', day: '10 minutes', week: 'hour' },
  show: 'Show',
  severalAccounts: 'This installation has several accounts, and the plots count the calls of all of them. So the console does not show them to admins of one account. An operator can read the metrics of the processes.',
  nothing: 'No process has measured this yet. The first numbers appear after a minute: those of the last day after 10 minutes, and those of the last week after an hour.',
  notDrawn: 'The plots cannot be drawn now: their file cannot be loaded. The tables have the numbers.',
  tableOf: 'Numbers: {plot}',
  time: 'Begins at',
  gap: 'no number',
  plots: {
    refreshes: { title: 'Refreshes', what: 'Calls that renew a token, for each {step}: accepted; refused (401, 403); failed (5xx); other, such as calls above a rate limit.' },
    refusals: { title: 'Refusals by cause', what: 'Refused calls, for each {step}. The part Refusals lists the single ones.' },
    honest: { title: 'Signs of honest guests', what: 'Refusals and differences that an honest guest causes more often than a thief, for each {step}. If they grow for many guests at once, look for a proxy or a browser that has changed.' },
    sockets: { title: 'Sockets', what: 'Open WebSockets at the end of a minute; the highest number, for each {step}.' },
    latency: { title: 'Time of a message', what: 'From the call of a guest who sends a message to its answer, for each {step}; estimated from the numbers of calls within fixed bounds. A step without a message has no number.' },
    webhooks: { title: 'Webhooks that wait', what: 'Conversations with events that a webhook has not accepted yet, and for how long the oldest failure has lasted; the highest number, for each {step}.' },
  },
};

/** Fills in what stands in braces. */
export { fill } from '../texts';
