import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** Field numbers and types are those of onnx.proto3; a message is written as its fields in their order. */
export type Message = (writer: BinaryWriter) => void;

export const message =
	(...fields: readonly Message[]): Message =>
	(writer) => {
		for (const field of fields) field(writer);
	};
export const text =
	(field: number, value: string): Message =>
	(writer) =>
		void writer.tag(field, WireType.LengthDelimited).string(value);
export const integer =
	(field: number, value: number): Message =>
	(writer) =>
		void writer.tag(field, WireType.Varint).int64(value);
export const float =
	(field: number, value: number): Message =>
	(writer) =>
		void writer.tag(field, WireType.Bit32).float(value);
export const bytes =
	(field: number, value: Uint8Array): Message =>
	(writer) =>
		void writer.tag(field, WireType.LengthDelimited).bytes(value);
export const nested =
	(field: number, inner: Message): Message =>
	(writer) => {
		writer.tag(field, WireType.LengthDelimited).fork();
		inner(writer);
		writer.join();
	};

export function encode(whole: Message): Uint8Array {
	const writer = new BinaryWriter();
	whole(writer);
	return writer.finish();
}

/** `AttributeProto`: a number, a text, or a list of whole numbers. */
export function attribute(name: string, value: number | string | readonly number[], isFloat = false): Message {
	const [FLOAT, INT, STRING, INTS] = [1, 2, 3, 7];
	if (typeof value === 'string')
		return message(text(1, name), bytes(4, new TextEncoder().encode(value)), integer(20, STRING));
	if (typeof value !== 'number')
		return message(text(1, name), ...value.map((one) => integer(8, one)), integer(20, INTS));
	return isFloat
		? message(text(1, name), float(2, value), integer(20, FLOAT))
		: message(text(1, name), integer(3, value), integer(20, INT));
}

export const node = (
	operation: string,
	inputs: readonly string[],
	output: string,
	attributes: readonly Message[] = [],
): Message =>
	message(
		...inputs.map((name) => text(1, name)),
		text(2, output),
		text(3, output),
		text(4, operation),
		...attributes.map((one) => nested(5, one)),
	);

const [FLOAT_TENSOR, INT64_TENSOR] = [1, 7];

export const floats = (name: string, shape: readonly number[], values: Float32Array): Message =>
	message(
		...shape.map((size) => integer(1, size)),
		integer(2, FLOAT_TENSOR),
		text(8, name),
		bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
	);

export function integers(name: string, values: readonly number[]): Message {
	const whole = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
	return message(integer(1, values.length), integer(2, INT64_TENSOR), text(8, name), bytes(9, whole));
}

/** One whole number, no list of one. */
export const scalarInteger = (name: string, value: number): Message =>
	message(integer(2, INT64_TENSOR), text(8, name), bytes(9, new Uint8Array(BigInt64Array.of(BigInt(value)).buffer)));

/** A number, or the name of a size that a reader may choose. */
export type Size = number | string;

/** `ValueInfoProto` of a tensor whose first size is the batch: of floats, or of whole numbers. */
export const value = (name: string, shape: readonly Size[], isWhole = false): Message => {
	const sizes = ['batch', ...shape].map((size) =>
		nested(1, typeof size === 'string' ? text(2, size) : integer(1, size)),
	);
	const type = isWhole ? INT64_TENSOR : FLOAT_TENSOR;
	return message(text(1, name), nested(2, nested(1, message(integer(1, type), nested(2, message(...sizes))))));
};
