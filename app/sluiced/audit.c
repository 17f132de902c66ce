/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * Verdicts and events of VFs in the log, beside the audit log (audit_json.c): no more lines a
 * second for one VF than its driver needs to come up. Called by either thread, with the port's lock
 * held.
 */

#include <stdio.h>

#include "daemon.h"

/* Far above what a driver needs to come up; a VF that asks more often is counted, not quoted. */
#define LINES_MAX 50
#define WINDOW_MS 1000

#define LINE_BYTES 128

static void
close_window(struct port *port, uint16_t vf, uint64_t now)
{
	struct audit_limit *limit = &port->limit[vf];

	if (limit->dropped > 0)
		log_line(CONFIG_LOG_WARNING, "%s vf %u: %u more lines, not shown", port->iov.pci,
			 vf, limit->dropped);
	if (limit->dropped > 0)
		audit_json_left_out(port, vf, limit->dropped);
	*limit = (struct audit_limit){ .since_ms = now };
}

/* One more line about the VF; false: too many by now. */
static bool
may_log(struct port *port, uint16_t vf)
{
	struct audit_limit *limit = &port->limit[vf];
	uint64_t now = now_ms();

	if (now - limit->since_ms >= WINDOW_MS)
		close_window(port, vf, now);
	if (limit->lines >= LINES_MAX) {
		limit->dropped++;
		return false;
	}
	limit->lines++;
	return true;
}

void
audit_verdict(void *ctx, const struct service_verdict *verdict)
{
	struct port *port = ctx;

	if (!verdict->rare && !may_log(port, verdict->vf))
		return;
	audit_json_verdict(port, verdict);
	if (verdict->rare)
		log_line(CONFIG_LOG_WARNING, "%s vf %u: %s", port->iov.pci, verdict->vf,
			 verdict->reason);
	else if (verdict->ok)
		log_line(CONFIG_LOG_INFO, "%s vf %u: %s: %s", port->iov.pci, verdict->vf,
			 verdict->request, verdict->reason);
	else
		log_line(CONFIG_LOG_WARNING, "%s vf %u: %s (0x%08x) refused: %s", port->iov.pci,
			 verdict->vf, verdict->request, verdict->word0, verdict->reason);
}

void
audit_malicious(struct port *port, uint16_t vf, uint16_t queue, uint32_t cause)
{
	char text[LINE_BYTES];

	if (!may_log(port, vf))
		return;
	snprintf(text, sizeof(text),
		 "queue %u stopped as malicious (0x%08x), until the VF is reset", queue, cause);
	audit_json_event(port, vf, "malicious", false, text);
	log_line(CONFIG_LOG_WARNING, "%s vf %u: %s", port->iov.pci, vf, text);
}

void
audit_change(const struct port *port, int vf, const char *kind, const char *text)
{
	audit_json_event(port, vf, kind, true, text);
	if (vf == CONTROL_VF_NONE)
		log_line(CONFIG_LOG_INFO, "%s: %s", port->iov.pci, text);
	else
		log_line(CONFIG_LOG_INFO, "%s vf %d: %s", port->iov.pci, vf, text);
}

void
audit_tick(struct port *port)
{
	uint64_t now = now_ms();

	for (uint16_t vf = 0; vf < port->service->nb_vfs; vf++)
		if (port->limit[vf].dropped > 0 && now - port->limit[vf].since_ms >= WINDOW_MS)
			close_window(port, vf, now);
}
