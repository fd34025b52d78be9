export { findMatches } from './find-matches.js';
export { type FoldedSearch, foldSearch } from './fold-search.js';
