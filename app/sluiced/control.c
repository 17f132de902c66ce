/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * What the control socket's requests do to ports and VFs: each is done whole or not at all, and
 * answered with one object. The main thread's; what touches a port's books takes its lock, as
 * DPDK's interrupt thread serves the VFs meanwhile.
 */

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include <rte_ethdev.h>

#include "daemon.h"
#include "rte_pmd_sluice.h"

static_assert(CONTROL_RESTRAINT_BYTES >= SERVICE_RESTRAINT_BYTES, "a restraint is shown whole");

__attribute__((format(printf, 2, 3))) static char *
refuse(int code, const char *format, ...)
{
	char error[CONTROL_ERROR_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(error, sizeof(error), format, args);
	va_end(args);
	return control_reply_error(code, error);
}

static void
list_ports(const struct daemon *daemon, char list[CONTROL_ERROR_BYTES])
{
	list[0] = '\0';
	for (uint16_t i = 0; i < daemon->nb_open; i++) {
		size_t used = strlen(list);

		snprintf(list + used, CONTROL_ERROR_BYTES - used, "%s%s", used == 0 ? "" : ", ",
			 daemon->port[i].iov.pci);
	}
}

/* Index of the port a request means, or -1 with the refusal in *reply. */
static int
find_port(const struct daemon *daemon, const struct control_request *request, char **reply)
{
	char list[CONTROL_ERROR_BYTES];

	if (request->pci[0] == '\0' && daemon->nb_open == 1)
		return 0;
	for (uint16_t i = 0; i < daemon->nb_open; i++)
		if (strcmp(daemon->port[i].iov.pci, request->pci) == 0)
			return i;
	list_ports(daemon, list);
	if (request->pci[0] == '\0')
		*reply = refuse(EX_USAGE, "port: missing; there are %.400s", list);
	else
		*reply = refuse(EX_USAGE, "port: %s is not one of %.400s", request->pci, list);
	return -1;
}

static char *
refuse_vf(const struct port *port, int vf)
{
	if (port->service->nb_vfs == 0)
		return refuse(EX_USAGE, "vf: %d: there are no VFs", vf);
	return refuse(EX_USAGE, "vf: %d is not in 0..%u", vf, port->service->nb_vfs - 1);
}

/* The port's lock is held. */
static void
show_vf(const struct daemon *daemon, const struct port *port, uint16_t n, struct control_vf *vf)
{
	const struct vf_entry *entry = &port->service->vf[n];
	const struct config_port *config = &daemon->config.port[port - daemon->port];
	const struct vf_counters *counters = &entry->counters;
	struct rte_pmd_sluice_pool_stats stats = { 0 };

	(void)rte_pmd_sluice_pool_stats(port->port_id, n, &stats);
	*vf = (struct control_vf){
		.vf = n,
		.ready = entry->state == VF_READY,
		.quarantined = entry->state == VF_QUARANTINED,
		.mac = entry->mac,
		.policy = entry->policy,
		.held = entry->held,
		.macs = entry->nb_extra,
		.vlans = entry->nb_vlans,
		.multicasts = entry->nb_multicast,
		.max_frame = entry->max_frame,
		.promiscuous = entry->promiscuous,
		.all_multicast = entry->all_multicast,
		.requests = counters->requests,
		.acked = counters->acked,
		.nacked = counters->nacked,
		.malformed = counters->malformed,
		.resets = counters->resets,
		.flrs = counters->flrs,
		.rx_packets = stats.rx_packets,
		.rx_bytes = stats.rx_bytes,
		.tx_packets = stats.tx_packets,
		.tx_bytes = stats.tx_bytes,
		.rx_multicast = stats.rx_multicast,
		.malicious = stats.malicious,
		.throttled = counters->throttled,
		.lock_taken = stats.lock_taken,
	};
	service_restraint(port->service, n, now_ms(), vf->restraint);
	snprintf(vf->pci, sizeof(vf->pci), "%s", port->iov.vf_pci[n]);
	/* sysfs does not know each external port's VFs. */
	if (vf->pci[0] == '\0' && rte_pmd_sluice_vf_address(port->port_id, n, vf->pci) < 0)
		vf->pci[0] = '\0';
	snprintf(vf->driver, sizeof(vf->driver), "%s", config->vf[n].driver);
}

void
control_show_port(const struct daemon *daemon, struct port *port, int only_vf,
		  struct control_port *shown)
{
	struct rte_eth_link link = { 0 };

	snprintf(shown->pci, sizeof(shown->pci), "%s", port->iov.pci);
	shown->link_up = rte_eth_link_get_nowait(port->port_id, &link) == 0 &&
			 link.link_status == RTE_ETH_LINK_UP;
	shown->link_mbps = shown->link_up ? link.link_speed : 0;
	pthread_mutex_lock(&port->lock);
	for (uint16_t vf = 0; vf < port->service->nb_vfs; vf++)
		if (only_vf == CONTROL_VF_NONE || only_vf == vf)
			show_vf(daemon, port, vf, &shown->vf[shown->nb_vfs++]);
	pthread_mutex_unlock(&port->lock);
}

static char *
answer_show(struct daemon *daemon, const struct control_request *request)
{
	static struct control_state state; /* large; the main thread's only */
	char *reply = NULL;
	int only = -1;

	memset(&state, 0, sizeof(state));
	if (request->pci[0] != '\0' || request->vf != CONTROL_VF_NONE) {
		only = find_port(daemon, request, &reply);
		if (only < 0)
			return reply;
		if (request->vf >= daemon->port[only].service->nb_vfs)
			return refuse_vf(&daemon->port[only], request->vf);
	}
	for (int i = 0; i < daemon->nb_open; i++)
		if (only < 0 || only == i)
			control_show_port(daemon, &daemon->port[i], request->vf,
				  &state.port[state.nb_ports++]);
	return control_reply_state(&state);
}

/* Is the address pinned to another VF already? */
static bool
find_pinned(const struct daemon *daemon, const struct mac_addr *mac, const struct vf_entry *except,
	    const char **pci, uint16_t *vf)
{
	for (uint16_t i = 0; i < daemon->nb_open; i++)
		/* One that is gone has its address when it comes back. */
		for (*vf = 0; *vf < CONFIG_VFS_MAX; (*vf)++) {
			const struct vf_entry *entry = &daemon->port[i].service->vf[*vf];

			*pci = daemon->port[i].iov.pci;
			if (entry != except && mac_equal(&entry->policy.mac, mac))
				return true;
		}
	return false;
}

int
control_set_policy(struct port *port, uint16_t vf, const struct vf_policy *policy,
		   char why[CONTROL_ERROR_BYTES])
{
	int rc;

	pthread_mutex_lock(&port->lock);
	rc = service_set_policy(port->service, vf, policy);
	if (rc < 0)
		service_refusal(port->service, rc, why, CONTROL_ERROR_BYTES);
	pthread_mutex_unlock(&port->lock);
	return rc;
}

/* What this hardware cannot do is the asker's mistake. */
static int
code_of_refusal(int rc)
{
	return rc == -ENOTSUP || rc == -ERANGE ? EX_USAGE : exit_code_of(rc);
}

unsigned int
control_log_changes(const struct port *port, uint16_t vf, const struct vf_policy *old,
		    const char *by)
{
	const struct vf_policy *now = &port->service->vf[vf].policy;
	char before[POLICY_TEXT_BYTES], after[POLICY_TEXT_BYTES];
	char text[2 * POLICY_TEXT_BYTES + 128];
	unsigned int nb = 0;

	for (const struct policy_key *key = policy_keys; key->name != NULL; key++) {
		if (!policy_key_differs(key, old, now))
			continue;
		policy_key_text(key, old, before);
		policy_key_text(key, now, after);
		snprintf(text, sizeof(text), "%s %s -> %s%s", key->name, before, after, by);
		audit_change(port, vf, "policy", text);
		nb++;
	}
	return nb;
}

static const char *const hold_words[] = {
	[CONTROL_HOLD_AS_IS] = "",
	[CONTROL_HOLD_ON] = "; held",
	[CONTROL_HOLD_OFF] = "; held no more",
};

static void
hold_keys(struct port *port, const struct control_request *request)
{
	struct vf_entry *entry = &port->service->vf[request->vf];
	unsigned int keys = control_request_keys(request);

	pthread_mutex_lock(&port->lock);
	if (request->hold == CONTROL_HOLD_ON)
		entry->held |= keys;
	else if (request->hold == CONTROL_HOLD_OFF)
		entry->held &= ~keys;
	pthread_mutex_unlock(&port->lock);
}

/* Only the main thread changes a policy, so it may read one without the lock. */
static char *
answer_set(struct daemon *daemon, const struct control_request *request,
	   const struct control_peer *peer)
{
	char error[CONTROL_ERROR_BYTES], why[CONTROL_ERROR_BYTES], *reply = NULL;
	int index = find_port(daemon, request, &reply), rc;
	const struct vf_entry *entry;
	struct vf_policy policy, old;
	const char *pci;
	char by[64];
	uint16_t vf;

	if (index < 0)
		return reply;
	if (request->vf >= daemon->port[index].service->nb_vfs)
		return refuse_vf(&daemon->port[index], request->vf);
	entry = &daemon->port[index].service->vf[request->vf];
	policy = old = entry->policy;
	if (control_request_apply(request, daemon->port[index].service->nb_vfs, &policy, error) < 0)
		return control_reply_error(EX_USAGE, error);
	if (!mac_equal(&policy.mac, &old.mac) && !mac_is_zero(&policy.mac) &&
	    find_pinned(daemon, &policy.mac, entry, &pci, &vf))
		return refuse(EX_USAGE, "mac: it is VF %u's of %s already", vf, pci);
	rc = control_set_policy(&daemon->port[index], request->vf, &policy, why);
	if (rc < 0)
		return control_reply_error(code_of_refusal(rc), why);
	hold_keys(&daemon->port[index], request);
	snprintf(by, sizeof(by), " (uid %u, pid %d%s)", peer->uid, peer->pid,
		 hold_words[request->hold]);
	if (control_log_changes(&daemon->port[index], request->vf, &old, by) == 0)
		log_line(CONFIG_LOG_INFO, "%s vf %d: set to what it was%s",
			 daemon->port[index].iov.pci, request->vf, by);
	return control_reply_ok();
}

/* NULL, with the refusal in *reply: there is no such port or VF. */
static struct port *
find_vf(struct daemon *daemon, const struct control_request *request, char **reply)
{
	int index = find_port(daemon, request, reply);

	if (index < 0)
		return NULL;
	if (request->vf < daemon->port[index].service->nb_vfs)
		return &daemon->port[index];
	*reply = refuse_vf(&daemon->port[index], request->vf);
	return NULL;
}

/* The port's lock is held. */
static void
tell(struct port *port, uint16_t vf, const char *what, const char *reason,
     const struct control_peer *peer)
{
	char text[CONTROL_ERROR_BYTES];

	snprintf(text, sizeof(text), "%s by uid %u (pid %d)%s%s", what, peer->uid, peer->pid,
		 reason[0] == '\0' ? "" : ": ", reason);
	audit_verdict(port, &(struct service_verdict){ .vf = vf,
						       .request = "operator",
						       .ok = true,
						       .reason = text,
						       .rare = true });
}

static char *
answer_quarantine(struct daemon *daemon, const struct control_request *request,
		  const struct control_peer *peer)
{
	const char *reason = request->reason[0] == '\0' ? "by the operator" : request->reason;
	char *reply = NULL;
	struct port *port = find_vf(daemon, request, &reply);
	int rc;

	if (port == NULL)
		return reply;
	pthread_mutex_lock(&port->lock);
	rc = service_quarantine(port->service, request->vf, reason, 0);
	tell(port, request->vf, "quarantined", request->reason, peer);
	pthread_mutex_unlock(&port->lock);
	if (rc < 0)
		return refuse(exit_code_of(rc), "vf %d: quarantined, but its pool: %s", request->vf,
			      strerror(-rc));
	return control_reply_ok();
}

static char *
answer_release(struct daemon *daemon, const struct control_request *request,
	       const struct control_peer *peer)
{
	char *reply = NULL;
	struct port *port = find_vf(daemon, request, &reply);
	int rc;

	if (port == NULL)
		return reply;
	pthread_mutex_lock(&port->lock);
	rc = service_release(port->service, request->vf);
	if (rc != -EALREADY)
		tell(port, request->vf, "released", "", peer);
	pthread_mutex_unlock(&port->lock);
	if (rc == -EALREADY)
		return refuse(EX_USAGE, "vf %d: is held to nothing", request->vf);
	if (rc < 0)
		return refuse(exit_code_of(rc), "vf %d: released, but its pool: %s", request->vf,
			      strerror(-rc));
	return control_reply_ok();
}

static char *
answer_watch(struct daemon *daemon, const struct control_request *request,
	     struct control_stream **stream)
{
	char *reply = NULL;

	if (request->vf != CONTROL_VF_NONE && find_vf(daemon, request, &reply) == NULL)
		return reply;
	if (request->pci[0] != '\0' && find_port(daemon, request, &reply) < 0)
		return reply;
	return events_answer(request, stream);
}

static char *
answer_capture(struct daemon *daemon, const struct control_request *request,
	       const struct control_peer *peer, struct control_stream **stream)
{
	char *reply = NULL;
	struct port *port = find_vf(daemon, request, &reply);

	return port == NULL ? reply : capture_answer(port, request, peer, stream);
}

void
control_log_num_vfs(const struct port *port, uint16_t before, const char *by)
{
	char text[128];

	if (port->service->nb_vfs == before)
		return;
	snprintf(text, sizeof(text), "num_vfs %u -> %u%s", before, port->service->nb_vfs, by);
	audit_change(port, CONTROL_VF_NONE, "policy", text);
}

static char *
answer_vfs(struct daemon *daemon, const struct control_request *request,
	   const struct control_peer *peer)
{
	char why[CONTROL_ERROR_BYTES], *reply = NULL, by[64];
	int index = find_port(daemon, request, &reply), rc;
	const struct config_port *config = &daemon->config.port[index < 0 ? 0 : index];
	struct port *port = &daemon->port[index < 0 ? 0 : index];
	uint16_t before;

	if (index < 0)
		return reply;
	before = port->service->nb_vfs;
	rc = vfs_change(port, config, config, request->num_vfs, NULL, why);
	if (rc < 0) {
		log_line(CONFIG_LOG_WARNING, "%s: %u VFs stay: %s", port->iov.pci, before, why);
		return control_reply_error(code_of_refusal(rc), why);
	}
	snprintf(by, sizeof(by), " (uid %u, pid %d)", peer->uid, peer->pid);
	control_log_num_vfs(port, before, by);
	return control_reply_ok();
}

char *
control_answer(void *ctx, const char *line, size_t bytes, const struct control_peer *peer,
	       struct control_stream **stream)
{
	char error[CONTROL_ERROR_BYTES];
	struct control_request request;
	struct daemon *daemon = ctx;

	if (control_request_decode(line, bytes, &request, error) < 0)
		return control_reply_error(EX_USAGE, error);
	if (!control_may(request.cmd, peer))
		return control_reply_error(EX_NOPERM, "not permitted: only root and the members "
						      "of the control group may");
	switch (request.cmd) {
	case CONTROL_SHOW:
		return answer_show(daemon, &request);
	case CONTROL_SET:
		return answer_set(daemon, &request, peer);
	case CONTROL_TOKEN:
		log_line(CONFIG_LOG_INFO, "VF token handed to uid %u (pid %d)", peer->uid,
			 peer->pid);
		return control_reply_token(daemon->token);
	case CONTROL_STOP:
	case CONTROL_DRAIN:
	case CONTROL_UPGRADE:
		log_line(CONFIG_LOG_INFO, "uid %u (pid %d) wants an end", peer->uid, peer->pid);
		return leave_answer(daemon, request.cmd);
	case CONTROL_QUARANTINE:
		return answer_quarantine(daemon, &request, peer);
	case CONTROL_RELEASE:
		return answer_release(daemon, &request, peer);
	case CONTROL_WATCH:
		return answer_watch(daemon, &request, stream);
	case CONTROL_CAPTURE:
		return answer_capture(daemon, &request, peer, stream);
	case CONTROL_VFS:
		return answer_vfs(daemon, &request, peer);
	}
	return NULL;
}
