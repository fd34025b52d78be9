export { tokenizerFromMerges } from './from-merges.js';
export { tokenizerFromVocabulary } from './from-vocabulary.js';
export { readTokenizerFiles } from './read-tokenizer.js';
export { type EncodedText, parseTokenizer, type TextTokenizer } from './tokenizer.js';
