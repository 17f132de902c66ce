/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <assert.h>
#include <stddef.h>
#include <string.h>
#include <sys/queue.h>

#include "dpdk_compat.h"

RTE_TAILQ_HEAD(pci_driver_list, rte_pci_driver);

/*
 * A tail queue's head and its entries are two pointers each: to the first/next element, and to
 * where the last/previous element keeps its "next". sys/queue.h's own TAILQ_PREV depends on that
 * likeness; so does first_of().
 */
static_assert(offsetof(struct pci_driver_list, tqh_last) ==
	      offsetof(struct rte_pci_driver, next.tqe_prev) -
	      offsetof(struct rte_pci_driver, next), "tail queue layout");

/* What @p driver's tqe_prev points into: the previous element's entry, or the list's head. */
static struct pci_driver_list *
before(const struct rte_pci_driver *driver)
{
	return (struct pci_driver_list *)driver->next.tqe_prev;
}

/* NULL for the first element: from the head the same two steps end at the list's end. */
static struct rte_pci_driver *
previous(const struct rte_pci_driver *driver)
{
	return *before(driver)->tqh_last;
}

void
pci_driver_move_first(struct rte_pci_driver *driver)
{
	struct rte_pci_driver *first = driver;
	struct pci_driver_list *list;

	while (previous(first) != NULL) {
		first = previous(first);
		if (strcmp(first->driver.name, driver->driver.name) == 0)
			return;
	}
	list = before(first);
	TAILQ_REMOVE(list, driver, next);
	TAILQ_INSERT_HEAD(list, driver, next);
}
