export type { BackendName, BackendPreference, BackendTry, SelectedBackend } from './backend.js';
export { BACKEND_NAMES } from './backend.js';
export { type LinkRequest, linkTensorFlow } from './link/link-tensorflow.js';
export type { LinkManifest } from './link/linked-tensorflow.js';
export { probeBackends, releaseBackend, selectBackend } from './select-backend.js';
