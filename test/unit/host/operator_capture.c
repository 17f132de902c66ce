/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Captures where there is no port: for operator_test.c, which asks who may and of which VF. */

#include <errno.h>
#include <stddef.h>

#include "daemon.h"
#include "rte_pmd_sluice.h"

char *
capture_answer(struct port *port, const struct control_request *request,
	       const struct control_peer *peer, struct control_stream **stream)
{
	(void)port;
	(void)request;
	(void)peer;
	(void)stream;
	return control_reply_ok();
}

int
rte_pmd_sluice_vf_address(uint16_t port_id, uint16_t vf, char pci[RTE_PMD_SLUICE_PCI_BYTES])
{
	(void)port_id;
	(void)vf;
	(void)pci;
	return -ENODEV;
}
