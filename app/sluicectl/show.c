/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* `sluicectl show`: ports and VFs as tables, of the daemon's reply. One thread. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "ctl.h"

/* The MAC in force, or what the next one will be. */
static void
show_mac(const struct control_vf *vf)
{
	const struct mac_addr *pinned = &vf->policy.mac;
	char text[MAC_TEXT_BYTES];

	mac_format(mac_is_zero(&vf->mac) ? pinned : &vf->mac, text);
	if (mac_is_zero(&vf->mac) && mac_is_zero(pinned))
		printf(" %-17s %-6s", "-", "any");
	else
		printf(" %-17s %-6s", text, mac_is_zero(pinned) ? "any" : "pinned");
}

static void
show_vlan(const struct vf_policy *policy)
{
	char text[16];

	if (policy->vlan == 0)
		snprintf(text, sizeof(text), "-");
	else
		snprintf(text, sizeof(text), "%u/%u", policy->vlan, policy->qos);
	printf(" %-6s", text);
}

static const char *
state_of(const struct control_vf *vf)
{
	if (vf->quarantined)
		return "quarantined";
	/* Whatever it is up to, no frame comes or goes. */
	if (vf->policy.state == POLICY_STATE_DISABLE)
		return "disabled";
	return vf->ready ? "ready" : "wait-reset";
}

static void
show_vf(const struct control_vf *vf)
{
	printf("  %-2u %-12s %-9s %-11s", vf->vf, vf->pci, vf->driver, state_of(vf));
	show_mac(vf);
	show_vlan(&vf->policy);
	printf(" %-5s %-5s", vf->policy.trusted ? "on" : "off",
	       vf->policy.spoof_check ? "on" : "off");
	printf(" %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %9" PRIu64 " %6" PRIu64 " %4" PRIu64,
	       vf->requests, vf->acked, vf->nacked, vf->malformed, vf->resets, vf->flrs);
	printf(" %12" PRIu64 " %12" PRIu64 "\n", vf->rx_packets, vf->tx_packets);
	if (vf->restraint[0] != '\0')
		printf("     %s\n", vf->restraint);
}

static void
show_port(const struct control_port *port)
{
	if (port->link_up)
		printf("port %s: link up %" PRIu32 " Mb/s, %u VFs\n", port->pci, port->link_mbps,
		       port->nb_vfs);
	else
		printf("port %s: link down, %u VFs\n", port->pci, port->nb_vfs);
	printf("  %-2s %-12s %-9s %-11s %-17s %-6s %-6s %-5s %-5s %8s %8s %8s %9s %6s %4s %12s "
	       "%12s\n",
	       "vf", "pci", "driver", "state", "mac", "chosen", "vlan/q", "trust", "spoof",
	       "requests", "acked", "nacked", "malformed", "resets", "flrs", "rx-packets",
	       "tx-packets");
	for (uint16_t i = 0; i < port->nb_vfs; i++)
		show_vf(&port->vf[i]);
}

/* What of the policy has no column, and is not as usual. */
static void
show_policy(const struct vf_policy *policy)
{
	static const char *const shown[] = { "mac", "vlan", "qos", "trust", "spoofchk" };
	char text[POLICY_TEXT_BYTES];
	bool any = false;

	for (const struct policy_key *key = policy_keys; key->name != NULL; key++) {
		bool has_column = false;

		for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
			has_column |= strcmp(key->name, shown[i]) == 0;
		if (has_column || !policy_key_differs(key, policy, &policy_default))
			continue;
		policy_key_text(key, policy, text);
		printf("%s %s %s", any ? "," : "  policy:   ", key->name, text);
		any = true;
	}
	if (any)
		putchar('\n');
}

static void
show_held(const struct control_vf *vf)
{
	bool any = false;

	for (size_t i = 0; i < policy_keys_nb; i++)
		if ((vf->held >> i & 1) != 0) {
			printf("%s %s", any ? "," : "  held:     ", policy_keys[i].name);
			any = true;
		}
	if (any)
		puts(": as set, whatever the file says");
}

/* Of one VF, all there is. */
static void
show_details(const struct control_port *port)
{
	const struct control_vf *vf = &port->vf[0];

	show_port(port);
	show_policy(&vf->policy);
	show_held(vf);
	printf("  asked for: %u more MACs, %u VLANs, %u multicast hashes, frames of %" PRIu32
	       " bytes%s%s\n",
	       vf->macs, vf->vlans, vf->multicasts, vf->max_frame,
	       vf->promiscuous ? ", promiscuous" : "", vf->all_multicast ? ", all-multicast" : "");
	printf("  received:  %" PRIu64 " packets (%" PRIu64 " multicast), %" PRIu64 " bytes\n",
	       vf->rx_packets, vf->rx_multicast, vf->rx_bytes);
	printf("  sent:      %" PRIu64 " packets, %" PRIu64 " bytes\n", vf->tx_packets,
	       vf->tx_bytes);
	if (vf->throttled != 0)
		printf("  throttled: %" PRIu64 " requests not answered\n", vf->throttled);
	if (vf->lock_taken != 0)
		printf("  hogged:    its mailbox, taken back %" PRIu64 " times\n", vf->lock_taken);
	if (vf->malicious != 0)
		printf("  stopped:   %" PRIu64 " queues, as malicious\n", vf->malicious);
}

static int
show_state(const struct ctl *ctl, const struct control_request *request,
	   const struct control_reply *reply)
{
	static struct control_state state; /* large */

	if (control_state_decode(reply->object, &state) < 0) {
		(void)ctl_refuse("%s: sluiced's reply is of another version; try --json",
				 ctl->socket);
		return EX_PROTOCOL;
	}
	for (uint16_t i = 0; i < state.nb_ports; i++)
		if (request->vf != CONTROL_VF_NONE && state.port[i].nb_vfs == 1)
			show_details(&state.port[i]);
		else
			show_port(&state.port[i]);
	return EX_OK;
}

int
show_main(struct ctl *ctl, int argc, char **argv)
{
	struct control_request request;
	struct control_reply reply;
	int rc = ctl_request_of(ctl, CONTROL_SHOW, argc, argv, &request);

	if (rc == EX_OK)
		rc = ctl_ask(ctl, &request, &reply);
	if (rc != EX_OK)
		return rc;
	if (!ctl->json)
		rc = show_state(ctl, &request, &reply);
	json_decref(reply.object);
	return rc;
}
