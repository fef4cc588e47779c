import type { Current } from './current';
import type { Dependencies } from './dependencies';
import type { Files } from './files/files';
import type { Outbox } from './outbox';
import type { Session } from './session';
import type { Texts } from './window-texts';

/** What a page loads when it first sends or shows a file. */
export interface FilesChunk {
  Files: typeof Files;
}

/** What the window gives to the code for files. */
export interface FilesView {
  root: ShadowRoot;
  /** The page's, also those that only this code knows. */
  texts: Texts;
  /** For numbers. */
  locale: string;
}

/** The parts of the chat that files need. */
export interface FileParts {
  deps: Dependencies;
  current: Current;
  session: Session;
  /** Stores a message, and sends it when its turn comes. */
  put: Outbox['put'];
}

/** Loads the code for files once, when it is first needed. */
export class FilesLoader {
  /** The loaded code. */
  loadedFiles: Files | undefined;
  #loading: Promise<Files | undefined> | undefined;
  #attempt = 0;

  #view: FilesView | undefined;

  constructor(private readonly parts: FileParts) {}

  /** The window is loaded, perhaps after the code for files. */
  enter(view: FilesView): void {
    this.#view = view;
    this.loadedFiles?.enter(view);
  }

  /** Undefined if it cannot be loaded now: there is no network, or the server has another version. */
  load(): Promise<Files | undefined> {
    return (this.#loading ??= this.parts.deps.loadFiles(this.#attempt++).then(
      ({ Files }) => (this.loadedFiles = new Files(this.parts, this.#view)),
      () => (this.#loading = undefined),
    ));
  }
}
