export type { BackendName, BackendPreference, BackendTry, SelectedBackend } from './backend.js';
export { BACKEND_NAMES } from './backend.js';
export { probeBackends, selectBackend } from './select-backend.js';
