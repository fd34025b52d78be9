export { findArtifactsByRuns, findLatestArtifact, insertArtifact } from './artifact.repository.js';
