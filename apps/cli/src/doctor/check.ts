/** What one look at the machine found. `fail`: Graft cannot work like this. */
export interface Finding {
	readonly name: string;
	readonly state: 'ok' | 'note' | 'fail';
	readonly says: string;
	/** What to do about it. */
	readonly advice?: string;
}

export const found = (name: string, says: string): Finding => ({ name, state: 'ok', says });
export const noted = (name: string, says: string, advice?: string): Finding => ({ name, state: 'note', says, advice });
export const failed = (name: string, says: string, advice: string): Finding => ({ name, state: 'fail', says, advice });
