/*
 * Runs fota_patch.c on this computer, for native-program.ts. "calls": one call a run, with the memory before and after
 * it on standard input and output. "trace": many patches, and every step of each.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int32_t fota_patch_memory(void);
void fota_patch_begin(uint8_t *memory, int32_t imageOffset, int32_t length, int32_t baseSize);
int32_t fota_patch_decode(uint8_t *memory, uint8_t *bytes, int32_t from, int32_t to);

#define FRAME 65536
#define ROOM 9216
#define BASE_AT 8192
#define BASE_PART 1024

static int32_t take(void)
{
	int32_t value;
	if (fread(&value, sizeof value, 1, stdin) != 1)
		exit(3);
	return value;
}

static int isEnd(void)
{
	int c = getchar();
	if (c == EOF)
		return 1;
	ungetc(c, stdin);
	return 0;
}

/* Exactly as long as they are, so that whatever goes beyond is noticed. */
static uint8_t *takeBytes(int32_t length)
{
	uint8_t *bytes = malloc(length > 0 ? (size_t)length : 1);
	if (length > 0 && fread(bytes, 1, (size_t)length, stdin) != (size_t)length)
		exit(3);
	return bytes;
}

static void put(int32_t value)
{
	fwrite(&value, sizeof value, 1, stdout);
}

static int32_t hash(const uint8_t *bytes, int32_t length)
{
	uint32_t value = 0x811c9dc5;
	for (int32_t index = 0; index < length; index++)
		value = (value ^ bytes[index]) * 0x01000193;
	return (int32_t)value;
}

static void calls(void)
{
	uint8_t *memory = takeBytes(fota_patch_memory());
	int32_t which = take(), one = take(), two = take(), three = take(), result = 0;
	if (which == 1)
		fota_patch_begin(memory, one, two, three);
	else {
		uint8_t *bytes = takeBytes(three);
		result = fota_patch_decode(memory, bytes, one, two);
		free(bytes);
	}
	put(result);
	fwrite(memory, 1, (size_t)fota_patch_memory(), stdout);
	free(memory);
}

static void trace(void)
{
	int32_t size = take(), offset = take(), baseSize = take(), patchSize = take(), chunk = take();
	uint8_t *base = takeBytes(baseSize), *patch = takeBytes(patchSize);
	uint8_t *memory = calloc(1, (size_t)fota_patch_memory());
	const int32_t *numbers = (const int32_t *)(memory + ROOM);

	fota_patch_begin(memory, offset, size - offset < FRAME ? size - offset : FRAME, baseSize);
	for (int32_t from = 0; from < patchSize; from += chunk) {
		int32_t length = patchSize - from < chunk ? patchSize - from : chunk, at = 0, step;
		uint8_t *bytes = malloc((size_t)length);
		memcpy(bytes, patch + from, (size_t)length);
		do {
			step = fota_patch_decode(memory, bytes, at, length);
			at = numbers[0];
			put(step);
			put(at);
			if (step == 1)
				put(hash(memory, numbers[1]));
			if (step == 2) {
				int32_t part = baseSize < BASE_PART ? baseSize : BASE_PART;
				put(numbers[2]);
				if (numbers[2] < 0 || numbers[2] + part > baseSize)
					exit(4);
				memcpy(memory + BASE_AT, base + numbers[2], (size_t)part);
			}
			if (step == 3) {
				put(numbers[3]);
				offset = offset + FRAME < size ? offset + FRAME : size;
				if (offset < size)
					fota_patch_begin(memory, offset, size - offset < FRAME ? size - offset : FRAME, baseSize);
			}
		} while (step > 0 && step < 16 && offset < size);
		free(bytes);
		if (step >= 16 || offset == size)
			break;
	}
	put(-1);
	free(base);
	free(patch);
	free(memory);
}

int main(int count, char **arguments)
{
	if (count > 1 && strcmp(arguments[1], "memory") == 0)
		put(fota_patch_memory());
	else if (count > 1 && strcmp(arguments[1], "calls") == 0)
		calls();
	else
		while (!isEnd())
			trace();
	return 0;
}
