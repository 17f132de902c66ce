/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A model port in a process that drives it: its BARs, doorbells, interrupts and own thread.
 *
 * BAR0 of all functions is one file in memory, mapped twice: the model's view is plain memory, and
 * is where registers are stored; software's view has no access rights, so that each load and store
 * traps (trap.h) and becomes a reg_read() or reg_write() under nic->lock, in software's thread.
 *
 * # Doorbells
 *
 * A trap costs more than a burst of packets. With DOORBELL_POLL a page of registers turns *plain*
 * while its queues run steadily: software reads and writes it as memory, and the model's thread
 * looks at tails and control words there. A page of control registers never does. What is true:
 *
 *  1. A page turns plain inside of a trapped tail write, after PLAIN_AFTER of them within PLAIN_NS
 *     without another register of its function being written. It is filled with what software
 *     would read, *known* keeps a copy, and the running queues whose tails are written through it
 *     get it as rx_queue.block or tx_queue.block. A VF's page and an alias page of the PF are other
 *     memory than the PF's registers, where a register is at home; all others of the model look
 *     there, so on turning back the two are made equal again.
 *  2. It turns back to trapping, before anything else happens,
 *      - when software writes a control register anywhere in the function, or of the PF: drivers
 *        mask interrupts, reset or disable before they stop;
 *      - when the model's thread sees a control word (RXDCTL, TXDCTL) in it changed, or the tail
 *        of a queue that it does not watch, or another register;
 *      - when the model's thread goes to sleep, so that the first doorbell traps and wakes it;
 *      - by attach_lock(), which is what anybody else calls who wants to look at or change a port.
 *     mprotect() returns when no processor has a right to the page any more: what software stored
 *     before is in memory, what it stores after that traps and waits for nic->lock. All registers
 *     that differ from *known* are then written once more through reg_write(): of a queue first
 *     the control word without the enable bit if it was enabled, then all others, then the control
 *     word, then the tail. So a queue that was stopped, moved and started while the page was plain
 *     goes through the same states as if it had trapped.
 *  3. A thread that has trapped finds the page plain when it gets the lock: it retries its access.
 *
 * What is late or lost: a register of a plain page that is neither tail nor control word takes
 * effect when the model's thread looks at it next (WATCH_ROUNDS), and a read there has no side
 * effect and sees what was true when the page turned plain. A queue that is stopped by nothing but
 * its control word in a plain page works on until the model's thread sees that, at the latest after
 * the round that it is in: microseconds where it has a processor of its own. A driver that frees
 * its buffers without waiting for as long as the data sheet wants can lose that race; a register
 * that reads back as disabled is no proof then. DOORBELL_TRAP has none of this: each Tx tail write
 * returns when the frames are where they go.
 *
 * Of software in another process (../server) such a page is memory that both have, see far.h.
 *
 * The model's thread and software want the same lock, and the thread takes it again at once. So
 * whoever traps says so first (waiting), and the thread lets it pass between two rounds.
 */
#ifndef MODEL_ATTACH_H
#define MODEL_ATTACH_H

#include <sched.h>
#include <stdint.h>

#include "nic.h"

enum doorbell_mode { DOORBELL_POLL, DOORBELL_TRAP };

struct attach_options {
	const struct nic_family *family;
	unsigned int nb_vfs;
	uint8_t mac[MAC_LEN];
	/** Given over: attach_free() frees it. */
	struct wire *wire;
	enum doorbell_mode doorbell;
	const cpu_set_t *cpus;	/**< of the model's thread; NULL: as the caller's */
	bool no_thread;		/**< for tests: nothing moves but in trapped accesses */
	bool awake;		/**< its thread never sleeps: doorbells stay plain */
};

struct attach;

/** What it has been doing; read without a lock, for tests and tools. */
struct attach_counters {
	uint64_t traps, plain_turns, trap_turns, sleeps, rounds;
};

/** @return NULL with errno. The wire is the caller's then. */
struct attach *attach_create(const struct attach_options *options);
/** Software has let go of the BARs. NULL is fine. */
void attach_free(struct attach *port);

struct nic *attach_nic(struct attach *port);
const struct attach_counters *attach_counters(const struct attach *port);
/** Software's view of BAR0 of the PF or a VF. */
void *attach_bar(struct attach *port, int vf);

/**
 * Hold nic->lock with all pages trapping: the registers are where they belong. Whoever changes or
 * looks at the port from outside takes this and not nic->lock itself.
 */
struct nic *attach_lock(struct attach *port);
/** Also wakes the model's thread: what was changed may give it something to do. */
void attach_unlock(struct attach *port);

#endif /* MODEL_ATTACH_H */
