import type { Dependencies } from './dependencies';
import type { Files } from './files/files';
import type { FileParts, FilesView } from './files/parts';

/** The code that a page loads when it first sends or shows a file. */
export interface FilesChunk {
  Files: typeof Files;
}

/** The dependencies of a chat with files. */
export interface WithFiles extends Dependencies {
  loadFiles: (attempt: number) => Promise<FilesChunk>;
}

/** Loads the code for files once, when it is first needed. */
export class FilesLoader {
  /** The loaded code. */
  loadedFiles: Files | undefined;
  #loading: Promise<Files | undefined> | undefined;
  #attempt = 0;

  #view: FilesView | undefined;

  constructor(
    readonly parts: FileParts,
    private readonly loadFiles: WithFiles['loadFiles'],
  ) {}

  /** The window is loaded, perhaps after the code for files. */
  enter(view: FilesView): void {
    this.#view = view;
    this.loadedFiles?.enter(view);
  }

  /** Undefined if it cannot be loaded now: there is no network, or the server has another version. */
  load(): Promise<Files | undefined> {
    return (this.#loading ??= this.loadFiles(this.#attempt++).then(
      ({ Files }) => (this.loadedFiles = new Files(this.parts, this.#view)),
      () => (this.#loading = undefined),
    ));
  }
}
