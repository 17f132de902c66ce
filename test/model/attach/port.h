/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file A model port from inside ../attach. Contracts are in attach.h. */
#ifndef MODEL_ATTACH_PORT_H
#define MODEL_ATTACH_PORT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "attach.h"
#include "trap.h"

#define PAGE_BYTES   4096u
#define PAGE_DWORDS  (PAGE_BYTES / 4)
#define BLOCK_BYTES  64u	/* of a queue's registers */
#define BLOCK_DWORDS (BLOCK_BYTES / 4)
#define BLOCKS_PER_PAGE (PAGE_BYTES / BLOCK_BYTES)
#define PLAIN_AFTER  8
#define PLAIN_NS     100000000ull	/* a trap costs a ms where many want the processor */
#define WATCH_ROUNDS 64
#define ROUND_BUDGET 64		/* descriptors of a queue before others have their turn */

/** A page of a function's BAR0. */
struct page {
	bool never_plain;	/**< holds registers that must trap */
	bool is_plain;
	unsigned int tail_writes;	/**< since first_ns, with no control register written */
	uint64_t first_ns;
	/* While plain: */
	uint32_t *known;	/**< what the model knows it to hold */
	uint64_t taken;		/**< blocks whose queues are looked at here */
	uint16_t running[BLOCKS_PER_PAGE];	/**< dwords that count on */
	unsigned int nb_running;
};

/** Where a function's software is, and how it rings. */
struct software {
	enum doorbell_mode doorbell;
	struct far *far;	/**< its doorbell pages in another process; NULL: none */
	/** That another process has asked for, and doorbells among them. */
	uint64_t accesses, doorbells;
};

/** A queue's registers among those of the PF. */
struct block {
	bool is_queue, is_tx;
	uint16_t queue;
};

struct attach {
	struct nic *nic;
	const struct nic_family *nic_family;
	enum doorbell_mode doorbell;

	/* BARs: the PF's first, then the VFs'. */
	int memfd;
	size_t bytes;
	uint8_t *model_view, *software_view;
	struct trap_region *region;
	struct page *page;		/**< of all BARs together */
	unsigned int nb_plain;
	struct block *block;		/**< by the PF's offset / BLOCK_BYTES */
	/** The page through which a queue's tail was last written; NULL: none. */
	struct page *rx_page[NIC_QUEUES_MAX], *tx_page[NIC_QUEUES_MAX];

	struct software software[1 + NIC_VFS_MAX];	/**< of the PF, then VFs */
	unsigned int nb_far;		/**< pages that are plain in other processes */

	/* The model's thread. */
	bool has_thread, awake;
	pthread_t thread;
	int kick_fd;
	bool sleeping, stop, rung;	/**< under nic->lock */
	atomic_uint waiting;		/**< threads that want nic->lock */

	struct attach_counters counters;
};

/* port.c */
void port_lock(struct attach *port);
void port_unlock(struct attach *port);
/** First page of the function. */
struct page *port_pages(struct attach *port, const struct function *fn);
struct software *port_software(struct attach *port, const struct function *fn);
/** Software's view of a page. */
uint8_t *port_page_address(struct attach *port, const struct page *page);

/* A load or store of up to 8 bytes within the BAR; wherever its software is. Under nic->lock. */
uint64_t port_load(struct attach *port, struct function *fn, uint32_t offset, unsigned int bytes);
void port_store(struct attach *port, struct function *fn, uint32_t offset, unsigned int bytes,
		uint64_t value);

/* doorbell.c; all under nic->lock */
/** The register is the tail of a queue: a write there is a doorbell. */
bool doorbell_is(struct attach *port, struct function *fn, uint32_t offset);
uint32_t doorbell_read(struct attach *port, struct function *fn, uint32_t offset);
void doorbell_write(struct attach *port, struct function *fn, uint32_t offset, uint32_t value);
/** The queue's tail is written through that page. */
void doorbell_note(struct attach *port, struct page *page, struct block block);
/** Look for what software did in plain pages besides ringing; @p all: also where it is rare. */
void doorbells_watch(struct attach *port, bool all);

/* page.c */
void page_turn_plain(struct attach *port, struct function *fn, struct page *page);
void page_turn_back(struct attach *port, struct function *fn, struct page *page);
/** All plain pages of @p fn, of all functions if it is the PF. */
void pages_turn_back(struct attach *port, struct function *fn);
/** May it be plain at all? It has room for what is known of it then. */
bool page_may_turn(struct attach *port, struct function *fn, struct page *page);
/** Write what is in @p now and not known to the registers. */
void page_apply(struct attach *port, struct function *fn, struct page *page, const uint32_t *now);
/** Heads are the model's own, wherever a queue is looked at. */
void page_keep_heads(struct attach *port, struct function *fn, struct page *page,
		     const uint32_t *now);
/** Has software done something in a plain page that the model's thread would not see? */
bool page_needs_turn(struct attach *port, struct function *fn, struct page *page, bool all);

/* queue_block.c: where a queue's registers are */
int blocks_create(struct attach *port);
/** Offset among the PF's registers of what @p fn has at @p offset; UINT32_MAX: none of the PF's */
uint32_t block_pf_offset(struct function *fn, uint32_t offset);
struct block block_at(const struct attach *port, uint32_t pf_offset);
volatile uint32_t **block_pointer(struct nic *nic, struct block block);
volatile uint32_t *block_home(struct nic *nic, struct block block);
/** The queue is enabled and @p fn has it. */
bool block_runs_for(const struct nic *nic, struct block block, const struct function *fn);

/* thread.c */
int thread_start(struct attach *port, const cpu_set_t *cpus);
void thread_stop(struct attach *port);
/** Something may be there to do. Under nic->lock. */
void thread_kick(struct attach *port);
/** Do all that there is to do, up to a bound, in the caller's thread. */
void thread_run_now(struct attach *port);

#endif /* MODEL_ATTACH_PORT_H */
