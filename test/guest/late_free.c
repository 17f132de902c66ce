/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Preloaded into QEMU: frees memory late, as a remedy for a use after free.
 *
 * QEMU 10.0 under TCG keeps, for each processor, a pointer to the dispatch table of its
 * address space. When the guest moves a BAR, the table is replaced and the old one freed
 * by RCU, which may come before the processor has taken over the new one: it then reads
 * freed memory. Seen as "iotlb_to_section: Assertion failed", as accesses that reach the
 * wrong device, and as guests that freeze. As long as the memory keeps its contents, the
 * old table is as good as it was.
 *
 * Freed blocks wait in a queue; the oldest are given back when it gets too long.
 */
#include <malloc.h>
#include <pthread.h>
#include <stddef.h>

#define QUEUE_BLOCKS (1u << 20)		/* a power of two */
#define QUEUE_BYTES ((size_t)256 << 20)

/* glibc's own free, which this library's free stands in front of */
void __libc_free(void *block);

void free(void *block);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *queue[QUEUE_BLOCKS];
static unsigned int first, next;	/* run free; masked on use */
static size_t bytes;

static void
give_back_oldest(void)
{
	void *block = queue[first++ % QUEUE_BLOCKS];

	bytes -= malloc_usable_size(block);
	__libc_free(block);
}

void
free(void *block)
{
	if (block == NULL)
		return;

	pthread_mutex_lock(&lock);
	if (next - first == QUEUE_BLOCKS)
		give_back_oldest();
	queue[next++ % QUEUE_BLOCKS] = block;
	bytes += malloc_usable_size(block);
	while (bytes > QUEUE_BYTES)
		give_back_oldest();
	pthread_mutex_unlock(&lock);
}
