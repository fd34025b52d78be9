import fc from 'fast-check';

// `GRAFT_FUZZ` is a seed, or `random`; a property that fails prints the one it had.
const { GRAFT_FUZZ: given } = process.env;
if (given !== 'random')
	fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: given === undefined ? 1 : Number(given) });
