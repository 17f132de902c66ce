/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * One test, two 82576 ports: QEMU's and the model's. What it sees on both must agree.
 *
 * A scenario does something to a port and observes: each value that it sees gets a name. It runs
 * on one port, then on the other, and the two lists are compared name by name. Where they are
 * known to differ, known.c says so, and why; a difference that is not declared there fails, and so
 * does a declared one that no longer is.
 */
#ifndef SLUICE_TEST_AGREE_H
#define SLUICE_TEST_AGREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_bus_pci.h>
#include <rte_common.h>
#include <rte_io.h>

#define BIT(n) (1u << (n))

/** Functions are numbered as their pools: the PF has the one after the VFs'. */
enum function_id { VF0, VF1, PF, NB_FUNCTIONS };
#define NB_VFS PF

/** What a value is when only the other port has it. */
#define ABSENT (1ull << 32)

struct record {
	char what[64];
	uint64_t value;
};

/** One function's queue pair; the first of its pool. */
struct queue_pair {
	volatile uint32_t (*rx)[4], (*tx)[4];	/**< rings */
	uint64_t rx_iova, tx_iova;		/**< of them */
	uint8_t *rx_buffers, *tx_buffers;
	uint64_t rx_buffers_iova, tx_buffers_iova;
	uint32_t rx_base, tx_base;	/**< register blocks in the function's own BAR */
	unsigned int rx_next, tx_next;
};

struct port_under_test {
	const char *name;
	struct rte_pci_device *pci[NB_FUNCTIONS];
	volatile uint8_t *bar[NB_FUNCTIONS];
	struct queue_pair queue[NB_FUNCTIONS];
	struct record *record;
	size_t nb_records, max_records;
};

/** A register access; a read is observed under the name. */
struct op {
	enum function_id fn;
	bool write;
	uint32_t offset, value;
	const char *what;
};
#define WRITE(fn_, offset_, value_) \
	{ .fn = fn_, .write = true, .offset = offset_, .value = value_ }
#define READ(fn_, offset_, what_) { .fn = fn_, .offset = offset_, .what = what_ }

/** How a port is found by a scenario. */
enum port_state {
	PORT_AS_IT_IS,
	PORT_RESET,	/**< CTRL.RST, nothing since */
	PORT_RUNNING,	/**< link up, a queue pair for each function, switching between them */
};

struct scenario {
	const char *name;
	enum port_state state;
	const struct op *ops;	/**< done first, if there are any */
	size_t nb_ops;
	void (*run)(struct port_under_test *port);	/**< done then, if there is one */
};
#define OPS(table) .ops = table, .nb_ops = RTE_DIM(table)

struct scenario_list {
	const struct scenario *scenario;
	size_t nb;
};
extern const struct scenario_list register_scenarios, event_scenarios, frame_scenarios,
	offload_scenarios, switch_scenarios;

/* --- record.c --- */

void observe(struct port_under_test *port, uint64_t value, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/** @return number of complaints; each is a line on stdout. Forgets both lists. */
unsigned int records_compare(const char *scenario, struct port_under_test *qemu,
			     struct port_under_test *model, bool use_known);
bool records_differ(const struct port_under_test *a, const struct port_under_test *b);
/** After all scenarios. @return number of rows that have not occurred as often as they say */
unsigned int records_check_known(void);

/* --- known.c --- */

/**
 * A difference that is right, or that is QEMU's or the model's limit. Scenario and observation are
 * shell patterns. Where only some bits differ, the others must agree or be declared elsewhere.
 */
struct known_difference {
	const char *scenario, *what;
	uint64_t qemu, model;
	uint64_t bits;		/**< 0: the whole value */
	unsigned int times;	/**< how many observations show it; 0 is one */
	const char *why;
};
#define KNOWN_MAX 256
extern const struct known_difference known_differences[];
extern const size_t nb_known_differences;

/* --- port.c --- */

static inline uint32_t
reg_read(const struct port_under_test *port, enum function_id fn, uint32_t offset)
{
	return rte_read32(port->bar[fn] + offset);
}

static inline void
reg_write(const struct port_under_test *port, enum function_id fn, uint32_t offset, uint32_t value)
{
	rte_write32(value, port->bar[fn] + offset);
}

/** Memory for both rings of all functions. @return 0 or -errno */
int port_allocate(struct port_under_test *port);
void port_do(struct port_under_test *port, const struct op *op, size_t nb);
/** CTRL.RST. */
void port_reset(struct port_under_test *port);
/** As PORT_RUNNING says. */
void port_run(struct port_under_test *port);
bool port_wait_link(struct port_under_test *port);
/** Read what clears when read. */
void port_clear_events(struct port_under_test *port);

#endif /* SLUICE_TEST_AGREE_H */
