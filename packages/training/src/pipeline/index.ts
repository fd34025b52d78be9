export { defaultThreads } from './image-pool.js';
