import type { Counted } from '../texts';

/** The texts about files that a guest reads. A page may pass others, as all texts. */
export const FILE_TEXTS = {
  fileChoose: 'Choose files',
  filePhoto: 'Take a photo',
  fileCancel: 'Do not send {name}',
  fileDownload: 'Download',
  filePreview: 'Preview of {name}',
  fileAttached: '{name} is attached',
  fileProgress: '{name}: {percent} % sent',
  fileTooLarge: '{name} is too large. A file can have at most 16 MB.',
  fileEmpty: '{name} is empty.',
  fileUnreadable: '{name} cannot be read. Choose it again. Folders cannot be sent.',
  fileTooMany: 'A message can have {n} files. Send these first, and then the others.' as Counted,
  fileTooMuch: 'Too many files at once. Send some of them first, then the rest.',
  fileType: '{name} is a file of a type that cannot be sent here.',
  fileInfected: '{name} contains malware, so it was not sent.',
  fileFull: 'This chat has no more room for files. Send a link instead.',
  fileOffline: 'Will be sent when the connection is back',
  fileBusy: 'Too many files at once. Sending continues in a moment.',
  fileUnavailable: 'Files cannot be sent just now. Trying again…',
  fileGivenUp: '{name} could not be sent. Please try again later.',
  fileLoose: 'This browser cannot keep files. Leave this page open until it is sent.',
  fileDeleted: 'This file was deleted.',
  fileNotNow: 'This file cannot be opened just now. Please try again.',
};

export type FileTexts = typeof FILE_TEXTS;

/** The texts of the page, in place of these. Warns of names that are not known. */
export function fileTextsOf(given: Partial<Record<string, Counted>>): FileTexts {
  const own = Object.entries(given).filter(([name]) => /^file[A-Z]/.test(name));
  for (const [name] of own) if (!(name in FILE_TEXTS)) console.warn(`Parlour: texts.${name} is not known`);
  return { ...FILE_TEXTS, ...Object.fromEntries(own) };
}
