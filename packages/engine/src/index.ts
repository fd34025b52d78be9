export type { ArtifactFile, ArtifactStore, DirectUploadStore, OpenedArtifact } from './artifact/artifact-store.js';
export { openLocalArtifactStore } from './artifact/local-artifact-store.js';
export type { Engine } from './contract/engine.js';
export type * from './contract/inputs.js';
