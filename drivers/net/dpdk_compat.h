/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * All that Sluice knows about DPDK's release: the driver SDK's headers, and what changed.
 *
 * Drivers include this file instead of any SDK header; a program that uses no more than DPDK's
 * public interface gets the public differences from it. Written against the newest release: where
 * an older one differs, it is made to look like that. A new release is served here, or not at all.
 */
#ifndef SLUICE_DPDK_COMPAT_H
#define SLUICE_DPDK_COMPAT_H

#include <pthread.h>
#include <stdint.h>

#include <rte_lcore.h>
#include <rte_thread.h>
#include <rte_version.h>

#if RTE_VERSION < RTE_VERSION_NUM(22, 11, 0, 0)
#error "Sluice needs DPDK 22.11 or later"
#endif

#if RTE_VERSION < RTE_VERSION_NUM(23, 3, 0, 0)
#define rte_tel_data_add_dict_uint rte_tel_data_add_dict_u64
#endif

/**
 * A thread beside the lcores, on the processors that are left to such threads.
 *
 * @param name  as ps shows it: 15 characters at most
 * @return 0 or -errno
 */
#if RTE_VERSION < RTE_VERSION_NUM(23, 11, 0, 0)
typedef void *control_thread_end;

static inline int
control_thread_create(pthread_t *thread, const char *name, control_thread_end (*entry)(void *),
		      void *arg)
{
	return rte_ctrl_thread_create(thread, name, NULL, entry, arg);
}
#else
typedef uint32_t control_thread_end;

static inline int
control_thread_create(pthread_t *thread, const char *name, control_thread_end (*entry)(void *),
		      void *arg)
{
	rte_thread_t id = { 0 };
	int rc = rte_thread_create_control(&id, name, entry, arg);

	*thread = (pthread_t)id.opaque_id;
	return rc > 0 ? -rc : rc;
}
#endif

/**
 * Start-up measures the clock's frequency by a function that only DPDK calls, and that the daemon
 * replaces: the parameter is what the processor says, or 0. Older releases do not ask if it does.
 */
#if RTE_VERSION < RTE_VERSION_NUM(24, 11, 0, 0)
#define TSC_FREQ_PARAM void
#define TSC_FREQ_TOLD  0
#else
#define TSC_FREQ_PARAM uint64_t tsc_freq_told
#define TSC_FREQ_TOLD  tsc_freq_told
#endif

#ifdef ALLOW_INTERNAL_API
#include <bus_pci_driver.h>
#include <dev_driver.h>
#include <ethdev_driver.h>
#include <ethdev_pci.h>

/**
 * NAME##_op, the operation that lists packet types, from NAME(dev, &nb): up to 23.11 the list ends
 * with RTE_PTYPE_UNKNOWN, which later ones do not count.
 */
#if RTE_VERSION < RTE_VERSION_NUM(24, 3, 0, 0)
#define PTYPES_GET_OP(name) \
	static inline const uint32_t * \
	name##_op(struct rte_eth_dev *dev) \
	{ \
		size_t nb; \
\
		return name(dev, &nb); \
	}
#else
#define PTYPES_GET_OP(name) \
	static inline const uint32_t * \
	name##_op(struct rte_eth_dev *dev, size_t *nb) \
	{ \
		return name(dev, nb); \
	}
#endif

/**
 * What is counted for each queue, of which the operation stats_get fills one for a port: before
 * 25.11, a part of struct rte_eth_stats. STATS_GET_OP() makes NAME##_op of
 * NAME(dev, stats, queues), whose queues may be NULL.
 */
#if RTE_VERSION < RTE_VERSION_NUM(25, 11, 0, 0)
#define eth_queue_stats rte_eth_stats
#define STATS_GET_OP(name) \
	static int \
	name##_op(struct rte_eth_dev *dev, struct rte_eth_stats *stats) \
	{ \
		return name(dev, stats, stats); \
	}
#else
#define STATS_GET_OP(name) \
	static int \
	name##_op(struct rte_eth_dev *dev, struct rte_eth_stats *stats, \
		  struct eth_queue_stats *queues) \
	{ \
		return name(dev, stats, queues); \
	}
#endif

/** The type of a queue's count of frames that wait. */
#if RTE_VERSION < RTE_VERSION_NUM(25, 11, 0, 0)
typedef uint32_t rx_queue_count_t;
#else
typedef int rx_queue_count_t;
#endif

/** The exported name of a driver. */
#if RTE_VERSION < RTE_VERSION_NUM(25, 7, 0, 0)
#define PMD_EXPORT_NAME(name) RTE_PMD_EXPORT_NAME(name, __COUNTER__)
#else
#define PMD_EXPORT_NAME(name) RTE_PMD_EXPORT_NAME(name)
#endif

/**
 * Make a registered driver the first that is asked whether it takes a device.
 *
 * The bus asks its drivers in the order of their registration, and where another driver for the
 * same device is loaded too, which comes first is the loader's accident. The bus does not export
 * its list, but the list can be found from any of its entries. Of two plugins, one of them
 * installed and the other named with -d, the one that is loaded first stays first, which is the
 * latter: a driver of a name that is there already is not moved. Only from a constructor, as
 * registration itself: nothing else touches the list at that time.
 */
void pci_driver_move_first(struct rte_pci_driver *driver);

#endif /* ALLOW_INTERNAL_API */

#endif /* SLUICE_DPDK_COMPAT_H */
