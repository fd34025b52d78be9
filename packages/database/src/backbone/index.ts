export { findBackbone, findBackbones, insertBackbone, pageOfBackbones } from './backbone.repository.js';
