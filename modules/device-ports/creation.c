#include "xs.h"

/* Made by the build, with every application. */
extern void* xsPreparationAndCreation(xsCreation **creation);

/*
	`creation` of the application's manifests, as the build merged them. `which`: 0 stack, 1 and 2 initial and incremental
	heap, 3 and 4 initial and incremental chunk, 5 static. Returns -1 for another number.
*/
int32_t virtual_machine_creation(int32_t which)
{
	xsCreation *creation;
	xsPreparationAndCreation(&creation);
	switch (which) {
		case 0: return creation->stackCount;
		case 1: return creation->initialHeapCount;
		case 2: return creation->incrementalHeapCount;
		case 3: return creation->initialChunkSize;
		case 4: return creation->incrementalChunkSize;
		case 5: return creation->staticSize;
		default: return -1;
	}
}
