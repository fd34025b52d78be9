import { expect, it } from 'vitest';
import { wordsOf } from './bring-weights.js';

it("tells the trainer's words without those of the HDF5 library", () => {
	const said = [
		'HDF5-DIAG: Error detected in HDF5 (2.0.0):',
		'  #000: src/H5F.c line 836 in H5Fopen(): unable to open file',
		'    major: File accessibility',
		'    minor: Unable to open file',
		'It is no whole HDF5 file: cut.h5 cannot be imported.',
		'',
	];
	expect(wordsOf(said.join('\n'))).toBe('It is no whole HDF5 file: cut.h5 cannot be imported.');
	expect(wordsOf('')).toBe('');
});
