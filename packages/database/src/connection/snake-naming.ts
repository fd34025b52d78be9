import { DefaultNamingStrategy } from 'typeorm';

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Columns are snake_case, properties camelCase. Names of constraints and indexes are always given by hand. */
export class SnakeNaming extends DefaultNamingStrategy {
	override columnName(propertyName: string, customName: string | undefined, prefixes: string[]): string {
		return [...prefixes, customName || snake(propertyName)].join('_');
	}
}
