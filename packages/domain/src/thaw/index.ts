export { thawColor, thawShare } from './thaw.js';
