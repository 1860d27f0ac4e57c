/*
 * Decodes the frames of a patch (docs/patch-format.md): script-frame-decoder.ts and what it uses in C, step by step the
 * same, for builds that want it fast. It needs nothing but the C library, allocates nothing, and keeps all that it
 * knows in the memory that the caller gives it.
 */
#include <stdint.h>
#include <string.h>

/* As in frame-step.ts. */
#define NEEDS_BYTES 0
#define HAS_PIECE 1
#define NEEDS_BASE 2
#define FRAME_DONE 3
#define FIRST_FAULT 16
#define FAULT_BLOCK 16
#define FAULT_STORED 17
#define FAULT_LENGTHS 18
#define FAULT_CODE 19
#define FAULT_DISTANCE 20
#define FAULT_TOO_LONG 21
#define FAULT_NUMBER 22
#define FAULT_COUNT 23
#define FAULT_SOURCE 24
#define FAULT_SURPLUS 25
#define FAULT_SHORT 26

#define MAX_FRAME_BYTES 131072
#define PIECE_LENGTH 4096
#define WINDOW_LENGTH 4096
#define WINDOW_MASK (WINDOW_LENGTH - 1)
#define BASE_PART_LENGTH 1024

/* Between the parts of this file alone. */
#define WINDOW_FULL 1
#define STREAM_DONE 2
#define GO_ON (-1)

#define MAX_MATCH 258
#define MAX_LITERALS 286
#define MAX_DISTANCES 30
#define LITERAL_BITS 9
#define DISTANCE_BITS 7
#define MAX_BITS 15
#define MAX_SHIFT 21

enum { BLOCK, STORED, STORED_BYTES, TABLES, TABLE_LENGTHS, CODE_LENGTHS, SYMBOLS, MATCH, DONE };
enum { PART, SHIFT, CHANGES, RUN, CHANGED, UNCHANGED, NEW };

typedef struct {
	/* What native-frame-decoder.ts reads and fills: the room, then four numbers. */
	uint8_t piece[PIECE_LENGTH];
	uint8_t window[WINDOW_LENGTH];
	uint8_t base[BASE_PART_LENGTH];
	int32_t at;
	int32_t pieceLength;
	int32_t baseOffset;
	int32_t kept;

	/* Inflater. */
	uint32_t hold;
	int32_t bits;
	int32_t mode;
	int32_t isLast;
	int32_t isFixed;
	int32_t isStreamDone;
	int32_t fault;
	int32_t literalCount;
	int32_t lengthCount;
	int32_t codeCount;
	int32_t index;
	int32_t left;
	int32_t produced;
	int32_t taken;

	/* Builder. */
	int32_t consumed;
	int32_t baseSize;
	int32_t baseLength;
	int32_t state;
	uint32_t value;
	int32_t shift;
	int32_t frameLeft;
	int32_t partLeft;
	int32_t stretchLeft;
	int32_t source;
	int32_t fill;

	/* Tables of codes. */
	uint16_t literalCounts[MAX_BITS + 1];
	uint16_t distanceCounts[MAX_BITS + 1];
	uint16_t literalQuick[1 << LITERAL_BITS];
	uint16_t distanceQuick[1 << DISTANCE_BITS];
	uint16_t literalSymbols[288];
	uint16_t distanceSymbols[32];
	uint8_t lengths[MAX_LITERALS + MAX_DISTANCES + 4];
} Decoder;

/* A view of one of the two tables: pointers into the memory do not outlast a call, as the engine moves it. */
typedef struct {
	uint16_t *counts;
	uint16_t *quick;
	uint16_t *symbols;
	int bits;
} Codes;

static const uint16_t lengthBases[] = {3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99,
	115, 131, 163, 195, 227, 258};
static const uint8_t lengthBits[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
static const uint16_t distanceBases[] = {1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025,
	1537, 2049, 3073};
static const uint8_t distanceBits[] = {0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10};
static const uint8_t lengthOrder[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
#define COUNT_OF(array) ((int)(sizeof(array) / sizeof((array)[0])))

static Codes literalsOf(Decoder *d)
{
	Codes codes = {d->literalCounts, d->literalQuick, d->literalSymbols, LITERAL_BITS};
	return codes;
}

static Codes distancesOf(Decoder *d)
{
	Codes codes = {d->distanceCounts, d->distanceQuick, d->distanceSymbols, DISTANCE_BITS};
	return codes;
}

static void fillQuick(Codes codes)
{
	uint32_t size = 1u << codes.bits, reversed = 0;
	int index = 0;

	memset(codes.quick, 0, size * sizeof(uint16_t));
	for (int bits = 1; bits <= codes.bits; bits++) {
		uint32_t step = 1u << bits;
		for (int count = codes.counts[bits]; count > 0; count--) {
			uint16_t entry = (uint16_t)(codes.symbols[index++] << 4 | bits);
			uint32_t carry = step >> 1;
			for (uint32_t at = reversed; at < size; at += step)
				codes.quick[at] = entry;
			for (; carry > 0 && (reversed & carry) != 0; carry >>= 1)
				reversed ^= carry;
			reversed |= carry;
		}
	}
}

/* 0 when there is no such code. */
static int build(Codes codes, const uint8_t *lengths, int count, int maySingle)
{
	uint16_t places[MAX_BITS + 2];
	int used, free = 1;

	memset(codes.counts, 0, (MAX_BITS + 1) * sizeof(uint16_t));
	for (int index = 0; index < count; index++)
		codes.counts[lengths[index]]++;
	used = count - codes.counts[0];
	for (int bits = 1; bits <= MAX_BITS; bits++) {
		free = free * 2 - codes.counts[bits];
		if (free < 0)
			return 0;
	}
	if (free > 0 && !(maySingle && (used == 0 || (used == 1 && codes.counts[1] == 1))))
		return 0;
	places[1] = 0;
	for (int bits = 1; bits <= MAX_BITS; bits++)
		places[bits + 1] = (uint16_t)(places[bits] + codes.counts[bits]);
	for (int index = 0; index < count; index++)
		if (lengths[index] != 0)
			codes.symbols[places[lengths[index]]++] = (uint16_t)index;
	fillQuick(codes);
	return 1;
}

/* Symbol * 16 + length of its code; 0 when `hold` begins with no code. */
static uint32_t find(Codes codes, uint32_t hold)
{
	uint32_t quick = codes.quick[hold & ((1u << codes.bits) - 1)];
	int code = 0, first = 0, index = 0;

	if (quick != 0)
		return quick;
	for (int bits = 1; bits <= MAX_BITS; bits++) {
		int count = codes.counts[bits];
		code |= (int)(hold & 1);
		hold >>= 1;
		if (code - count < first)
			return (uint32_t)codes.symbols[index + code - first] << 4 | (uint32_t)bits;
		index += count;
		first = (first + count) << 1;
		code <<= 1;
	}
	return 0;
}

static int32_t smallest(int32_t one, int32_t other)
{
	return one < other ? one : other;
}

static int has(Decoder *d, int count, const uint8_t *bytes, int32_t to)
{
	while (d->bits < count && d->at < to) {
		d->hold |= (uint32_t)bytes[d->at++] << d->bits;
		d->bits += 8;
	}
	return d->bits >= count;
}

static int32_t take(Decoder *d, int count)
{
	uint32_t value = d->hold & ((1u << count) - 1);
	d->hold >>= count;
	d->bits -= count;
	return (int32_t)value;
}

static void fixedTables(Decoder *d)
{
	if (d->isFixed)
		return;
	memset(d->lengths, 8, 144);
	memset(d->lengths + 144, 9, 112);
	memset(d->lengths + 256, 7, 24);
	memset(d->lengths + 280, 8, 8);
	build(literalsOf(d), d->lengths, 288, 0);
	memset(d->lengths, 5, 32);
	build(distancesOf(d), d->lengths, 32, 0);
	d->isFixed = 1;
}

static int block(Decoder *d, const uint8_t *bytes, int32_t to)
{
	int type;

	if (d->isLast) {
		take(d, d->bits & 7);
		d->mode = DONE;
		return STREAM_DONE;
	}
	if (!has(d, 3, bytes, to))
		return NEEDS_BYTES;
	d->isLast = take(d, 1);
	type = take(d, 2);
	if (type == 3)
		return FAULT_BLOCK;
	if (type == 0)
		take(d, d->bits & 7);
	if (type == 1)
		fixedTables(d);
	d->mode = type == 0 ? STORED : type == 1 ? SYMBOLS : TABLES;
	return GO_ON;
}

static int stored(Decoder *d, const uint8_t *bytes, int32_t to)
{
	if (d->left == 0) {
		if (!has(d, 16, bytes, to))
			return NEEDS_BYTES;
		d->left = take(d, 16) + 1;
	}
	if (!has(d, 16, bytes, to))
		return NEEDS_BYTES;
	d->left--;
	if ((take(d, 16) ^ 0xffff) != d->left)
		return FAULT_STORED;
	d->mode = STORED_BYTES;
	return GO_ON;
}

static int storedBytes(Decoder *d, const uint8_t *bytes, int32_t to)
{
	for (; d->left > 0; d->left--) {
		if (d->produced - d->consumed == WINDOW_LENGTH || d->produced > MAX_FRAME_BYTES)
			return WINDOW_FULL;
		if (!has(d, 8, bytes, to))
			return NEEDS_BYTES;
		d->window[d->produced++ & WINDOW_MASK] = (uint8_t)take(d, 8);
	}
	d->mode = BLOCK;
	return GO_ON;
}

static int tables(Decoder *d, const uint8_t *bytes, int32_t to)
{
	if (!has(d, 14, bytes, to))
		return NEEDS_BYTES;
	d->literalCount = take(d, 5) + 257;
	d->lengthCount = d->literalCount + take(d, 5) + 1;
	d->codeCount = take(d, 4) + 4;
	if (d->literalCount > MAX_LITERALS || d->lengthCount - d->literalCount > MAX_DISTANCES)
		return FAULT_LENGTHS;
	d->index = 0;
	d->isFixed = 0;
	memset(d->lengths, 0, COUNT_OF(lengthOrder));
	d->mode = TABLE_LENGTHS;
	return GO_ON;
}

static int tableLengths(Decoder *d, const uint8_t *bytes, int32_t to)
{
	while (d->index < d->codeCount) {
		if (!has(d, 3, bytes, to))
			return NEEDS_BYTES;
		d->lengths[lengthOrder[d->index++]] = (uint8_t)take(d, 3);
	}
	if (!build(distancesOf(d), d->lengths, COUNT_OF(lengthOrder), 0))
		return FAULT_LENGTHS;
	d->index = 0;
	d->mode = CODE_LENGTHS;
	return GO_ON;
}

static int codeLengths(Decoder *d, const uint8_t *bytes, int32_t to)
{
	while (d->index < d->lengthCount) {
		uint32_t entry;
		int symbol, extra, length, count = 1;

		has(d, 14, bytes, to);
		entry = d->distanceQuick[d->hold & ((1u << DISTANCE_BITS) - 1)];
		symbol = (int)(entry >> 4);
		extra = symbol < 16 ? 0 : symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
		if ((int)(entry & 15) + extra > d->bits)
			return NEEDS_BYTES;
		take(d, (int)(entry & 15));
		length = symbol;
		if (symbol >= 16) {
			if (symbol == 16 && d->index == 0)
				return FAULT_LENGTHS;
			length = symbol == 16 ? d->lengths[d->index - 1] : 0;
			count = take(d, extra) + (symbol == 18 ? 11 : 3);
		}
		if (d->index + count > d->lengthCount)
			return FAULT_LENGTHS;
		memset(d->lengths + d->index, length, (size_t)count);
		d->index += count;
	}
	if (d->lengths[256] == 0)
		return FAULT_LENGTHS;
	if (!build(literalsOf(d), d->lengths, d->literalCount, 1))
		return FAULT_LENGTHS;
	if (!build(distancesOf(d), d->lengths + d->literalCount, d->lengthCount - d->literalCount, 1))
		return FAULT_LENGTHS;
	d->mode = SYMBOLS;
	return GO_ON;
}

static int literals(Decoder *d, const uint8_t *bytes, int32_t to)
{
	Codes codes = literalsOf(d);
	int32_t full = smallest(d->consumed + WINDOW_LENGTH - MAX_MATCH, MAX_FRAME_BYTES);

	for (;;) {
		uint32_t entry;
		int length, symbol;

		has(d, 15, bytes, to);
		entry = find(codes, d->hold);
		length = (int)(entry & 15);
		if (length == 0 || length > d->bits)
			return length == 0 && d->bits >= 15 ? FAULT_CODE : NEEDS_BYTES;
		if (d->produced > full)
			return WINDOW_FULL;
		take(d, length);
		symbol = (int)(entry >> 4);
		if (symbol < 256) {
			d->window[d->produced++ & WINDOW_MASK] = (uint8_t)symbol;
			continue;
		}
		d->index = symbol - 257;
		d->mode = symbol == 256 ? BLOCK : MATCH;
		return GO_ON;
	}
}

static int match(Decoder *d, const uint8_t *bytes, int32_t to)
{
	uint32_t entry;
	int length, symbol;
	int32_t distance;

	if (d->left == 0) {
		if (d->index >= COUNT_OF(lengthBases))
			return FAULT_CODE;
		if (!has(d, lengthBits[d->index], bytes, to))
			return NEEDS_BYTES;
		d->left = lengthBases[d->index] + take(d, lengthBits[d->index]);
	}
	has(d, 15, bytes, to);
	entry = find(distancesOf(d), d->hold);
	length = (int)(entry & 15);
	if (length == 0 || length > d->bits)
		return length == 0 && d->bits >= 15 ? FAULT_CODE : NEEDS_BYTES;
	symbol = (int)(entry >> 4);
	if (symbol >= COUNT_OF(distanceBases))
		return FAULT_DISTANCE;
	if (!has(d, length + distanceBits[symbol], bytes, to))
		return NEEDS_BYTES;
	take(d, length);
	distance = distanceBases[symbol] + take(d, distanceBits[symbol]);
	if (distance > d->produced)
		return FAULT_DISTANCE;
	for (; d->left > 0; d->left--, d->produced++)
		d->window[d->produced & WINDOW_MASK] = d->window[(d->produced - distance) & WINDOW_MASK];
	d->mode = SYMBOLS;
	return GO_ON;
}

static int inflate(Decoder *d, const uint8_t *bytes, int32_t to)
{
	int result = GO_ON;

	while (result == GO_ON) {
		if (d->produced > MAX_FRAME_BYTES)
			return FAULT_TOO_LONG;
		switch (d->mode) {
		case BLOCK:
			result = block(d, bytes, to);
			break;
		case STORED:
			result = stored(d, bytes, to);
			break;
		case STORED_BYTES:
			result = storedBytes(d, bytes, to);
			break;
		case TABLES:
			result = tables(d, bytes, to);
			break;
		case TABLE_LENGTHS:
			result = tableLengths(d, bytes, to);
			break;
		case CODE_LENGTHS:
			result = codeLengths(d, bytes, to);
			break;
		case SYMBOLS:
			result = literals(d, bytes, to);
			break;
		case MATCH:
			result = match(d, bytes, to);
			break;
		default:
			result = STREAM_DONE;
		}
	}
	return result;
}

static int use(Decoder *d, uint32_t value)
{
	switch (d->state) {
	case PART:
		if (value >> 1 == 0 || value >> 1 > (uint32_t)d->frameLeft)
			return FAULT_COUNT;
		d->partLeft = (int32_t)(value >> 1);
		d->state = (value & 1) == 1 ? NEW : SHIFT;
		return GO_ON;
	case SHIFT:
		d->source += (value & 1) == 1 ? -(int32_t)(value >> 1) - 1 : (int32_t)(value >> 1);
		if (d->source < 0 || d->source + d->partLeft > d->baseSize)
			return FAULT_SOURCE;
		d->state = CHANGES;
		return GO_ON;
	case CHANGES:
		if (value > (uint32_t)d->partLeft)
			return FAULT_COUNT;
		d->stretchLeft = (int32_t)value;
		d->state = value == 0 ? RUN : CHANGED;
		return GO_ON;
	default:
		if (value == 0 || value > (uint32_t)d->partLeft)
			return FAULT_COUNT;
		d->stretchLeft = (int32_t)value;
		d->state = UNCHANGED;
		return GO_ON;
	}
}

static int number(Decoder *d)
{
	while (d->consumed < d->produced) {
		uint8_t byte = d->window[d->consumed++ & WINDOW_MASK];
		d->value |= (uint32_t)(byte & 0x7f) << d->shift;
		if (byte < 0x80) {
			uint32_t value = d->value;
			d->value = 0;
			d->shift = 0;
			return use(d, value);
		}
		if (d->shift == MAX_SHIFT)
			return FAULT_NUMBER;
		d->shift += 7;
	}
	return GO_ON;
}

static int hasBase(Decoder *d)
{
	int32_t place = d->source - d->baseOffset;

	if (place >= 0 && place < d->baseLength)
		return 1;
	d->baseOffset = smallest(d->source - (d->source & 3), d->baseSize - d->baseLength);
	return 0;
}

static void give(Decoder *d, int32_t count, int next)
{
	d->fill += count;
	d->frameLeft -= count;
	d->partLeft -= count;
	d->stretchLeft -= count;
	if (d->stretchLeft == 0)
		d->state = d->partLeft == 0 ? PART : next;
}

static int changed(Decoder *d)
{
	int32_t place, count;

	if (!hasBase(d))
		return NEEDS_BASE;
	place = d->source - d->baseOffset;
	count = smallest(d->stretchLeft, d->produced - d->consumed);
	count = smallest(count, smallest(PIECE_LENGTH - d->fill, d->baseLength - place));
	for (int32_t index = 0; index < count; index++)
		d->piece[d->fill + index] = (uint8_t)(d->base[place + index] + d->window[d->consumed++ & WINDOW_MASK]);
	d->source += count;
	give(d, count, RUN);
	return GO_ON;
}

static int unchanged(Decoder *d)
{
	int32_t place, count;

	if (!hasBase(d))
		return NEEDS_BASE;
	place = d->source - d->baseOffset;
	count = smallest(d->stretchLeft, smallest(PIECE_LENGTH - d->fill, d->baseLength - place));
	memcpy(d->piece + d->fill, d->base + place, (size_t)count);
	d->source += count;
	give(d, count, CHANGES);
	return GO_ON;
}

static void fresh(Decoder *d)
{
	int32_t place = d->consumed & WINDOW_MASK, count;

	if (d->stretchLeft == 0)
		d->stretchLeft = d->partLeft;
	count = smallest(d->stretchLeft, d->produced - d->consumed);
	count = smallest(count, smallest(PIECE_LENGTH - d->fill, WINDOW_LENGTH - place));
	memcpy(d->piece + d->fill, d->window + place, (size_t)count);
	d->consumed += count;
	give(d, count, PART);
}

static int makeImage(Decoder *d)
{
	int result = GO_ON;

	while (result == GO_ON) {
		if (d->fill == PIECE_LENGTH || (d->frameLeft == 0 && d->fill > 0)) {
			d->pieceLength = d->fill;
			d->fill = 0;
			return HAS_PIECE;
		}
		if (d->frameLeft == 0)
			return NEEDS_BYTES;
		if (d->state == UNCHANGED)
			result = unchanged(d);
		else if (d->consumed == d->produced)
			return NEEDS_BYTES;
		else if (d->state == CHANGED)
			result = changed(d);
		else if (d->state == NEW)
			fresh(d);
		else
			result = number(d);
	}
	return result;
}

static int decode(Decoder *d, const uint8_t *bytes, int32_t to)
{
	for (;;) {
		int32_t before = d->at;
		int isDone, result = makeImage(d);

		if (result != NEEDS_BYTES)
			return result;
		isDone = d->frameLeft == 0 && d->fill == 0;
		if (isDone && d->consumed < d->produced)
			return FAULT_SURPLUS;
		if (d->fault != 0)
			return d->fault;
		if (d->isStreamDone)
			return isDone ? FRAME_DONE : FAULT_SHORT;
		result = inflate(d, bytes, to);
		d->taken += d->at - before;
		if (result >= FIRST_FAULT)
			d->fault = result;
		else if (d->taken - (d->bits >> 3) > MAX_FRAME_BYTES)
			d->fault = FAULT_TOO_LONG;
		else if (result == STREAM_DONE)
			d->isStreamDone = 1;
		else if (result == NEEDS_BYTES && d->consumed == d->produced)
			return NEEDS_BYTES;
	}
}

/* Bytes of memory that a decoder needs. The caller gives it zeros at first, and keeps it from call to call. */
int32_t fota_patch_memory(void)
{
	return (int32_t)sizeof(Decoder);
}

void fota_patch_begin(uint8_t *memory, int32_t imageOffset, int32_t length, int32_t baseSize)
{
	Decoder *d = (Decoder *)(void *)memory;

	d->isStreamDone = 0;
	d->fault = 0;
	d->taken = d->bits >> 3;
	d->produced = 0;
	d->mode = BLOCK;
	d->isLast = 0;
	d->left = 0;
	d->consumed = 0;
	d->state = PART;
	d->value = 0;
	d->shift = 0;
	d->frameLeft = length;
	d->partLeft = 0;
	d->stretchLeft = 0;
	d->source = imageOffset;
	if (baseSize == d->baseSize)
		return;
	d->baseSize = baseSize;
	d->baseLength = smallest(BASE_PART_LENGTH, baseSize);
	d->baseOffset = -BASE_PART_LENGTH;
}

int32_t fota_patch_decode(uint8_t *memory, uint8_t *bytes, int32_t from, int32_t to)
{
	Decoder *d = (Decoder *)(void *)memory;
	int32_t result;

	d->at = from;
	result = decode(d, bytes, to);
	d->kept = d->bits >> 3;
	return result;
}
