import type { Backbone } from '@graft/domain/backbone';
import { In } from 'typeorm';
import { orGraftError } from '../connection/database-error.js';
import type { Session } from '../connection/index.js';
import { insertOnce } from '../connection/insert-once.js';
import { newestFirst } from '../connection/newest-first.js';
import { BackboneEntity } from './backbone.entity.js';

const toBackbone = (row: BackboneEntity): Backbone => ({ ...row, parameterCount: Number(row.parameterCount) });

/** The backbone of this name after the call: the given one, or the one that had the name already. */
export async function insertBackbone(session: Session, backbone: Omit<Backbone, 'createdAt'>): Promise<Backbone> {
	return toBackbone(await insertOnce(session, BackboneEntity, backbone, { name: backbone.name }));
}

export async function findBackbone(session: Session, by: { id?: string; name?: string }): Promise<Backbone | null> {
	const row = await orGraftError(
		session.manager.findOneBy(BackboneEntity, by.id === undefined ? { name: by.name } : { id: by.id }),
	);
	return row === null ? null : toBackbone(row);
}

export async function findBackbones(session: Session, ids: readonly string[]): Promise<Backbone[]> {
	return (await orGraftError(session.manager.findBy(BackboneEntity, { id: In([...ids]) }))).map(toBackbone);
}

export async function pageOfBackbones(session: Session, page: { first: number; after: string | null }) {
	const { rows, ...rest } = await newestFirst(session, BackboneEntity, page);
	return { ...rest, rows: rows.map(toBackbone) };
}
