/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * What `sluicectl show` shows, on DPDK's telemetry socket:
 *
 *   /sluice/pf           the PFs' addresses     /sluice/pf,PCI      one of them
 *   /sluice/vf,PCI       its VFs' numbers       /sluice/vf,PCI,N    one of them
 *
 * Made of the reply's JSON, so that whatever is shown there is here too; DPDK's dictionaries being
 * flat, what is "vlan" of "policy" there is "policy_vlan" here. It is asked by DPDK's threads.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>
#include <rte_telemetry.h>

#include "daemon.h"
#include "dpdk_compat.h"

#define NAME_BYTES 64

static pthread_mutex_t alive = PTHREAD_MUTEX_INITIALIZER;
static struct daemon *asked; /* NULL: it has no ports, yet or any more */

static int add_object(struct rte_tel_data *data, const char *prefix, const json_t *object);

static int
add_value(struct rte_tel_data *data, const char *name, const json_t *value)
{
	char *text;
	int rc;

	if (json_is_object(value))
		return add_object(data, name, value);
	if (json_is_string(value))
		return rte_tel_data_add_dict_string(data, name, json_string_value(value));
	if (json_is_boolean(value))
		return rte_tel_data_add_dict_uint(data, name, json_is_true(value));
	if (json_is_integer(value))
		return rte_tel_data_add_dict_uint(data, name, json_integer_value(value));
	text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	rc = text == NULL ? -ENOMEM : rte_tel_data_add_dict_string(data, name, text);
	free(text);
	return rc;
}

static int
add_object(struct rte_tel_data *data, const char *prefix, const json_t *object)
{
	const char *key;
	json_t *value;
	int rc = 0;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		char name[NAME_BYTES];

		snprintf(name, sizeof(name), "%s%s%s", prefix, prefix[0] == '\0' ? "" : "_", key);
		if (rc >= 0)
			rc = add_value(data, name, value);
	}
	return rc < 0 ? rc : 0;
}

/* --- Who is meant: "0000:01:00.0,3" --- */

struct question {
	char pci[PCI_BYTES];
	int vf; /* CONTROL_VF_NONE: none named */
};

static int
parse(const char *params, struct question *question)
{
	const char *comma = strchr(params, ',');
	size_t bytes = comma == NULL ? strlen(params) : (size_t)(comma - params);
	char *end;
	long vf;

	if (bytes >= sizeof(question->pci))
		return -EINVAL;
	memcpy(question->pci, params, bytes);
	question->pci[bytes] = '\0';
	question->vf = CONTROL_VF_NONE;
	if (comma == NULL)
		return 0;
	vf = strtol(comma + 1, &end, 10);
	if (end == comma + 1 || *end != '\0' || vf < 0 || vf >= CONFIG_VFS_MAX)
		return -EINVAL;
	question->vf = vf;
	return 0;
}

/* Its ports as shown, or NULL: no such port or VF. To be released. */
static json_t *
shown(const struct question *question)
{
	struct control_state *state = calloc(1, sizeof(*state));
	json_t *ports = NULL;

	for (uint16_t i = 0; state != NULL && i < asked->nb_open; i++) {
		struct port *port = &asked->port[i];

		if (strcmp(port->iov.pci, question->pci) != 0 ||
		    question->vf >= (int)port->service->nb_vfs)
			continue;
		control_show_port(asked, port, question->vf, &state->port[state->nb_ports++]);
		ports = control_state_encode(state);
	}
	free(state);
	return ports;
}

static int
numa_node(const char *pci)
{
	uint16_t port_id;

	return rte_eth_dev_get_port_by_name(pci, &port_id) < 0 ? SOCKET_ID_ANY
							       : rte_eth_dev_socket_id(port_id);
}

static int
list_pfs(struct rte_tel_data *data)
{
	int rc = rte_tel_data_start_array(data, RTE_TEL_STRING_VAL);

	for (uint16_t i = 0; i < asked->nb_open && rc == 0; i++)
		rc = rte_tel_data_add_array_string(data, asked->port[i].iov.pci);
	return rc;
}

static int
tell_pf(const struct question *question, struct rte_tel_data *data)
{
	json_t *ports = shown(question), *port = json_array_get(ports, 0);
	size_t nb_vfs = json_array_size(json_object_get(port, "vfs"));
	int rc = port == NULL ? -ENODEV : rte_tel_data_start_dict(data);

	if (rc == 0) {
		(void)json_object_del(port, "vfs");
		rc = add_object(data, "", port);
	}
	if (rc == 0)
		rc = rte_tel_data_add_dict_int(data, "numa_node", numa_node(question->pci));
	if (rc == 0)
		rc = rte_tel_data_add_dict_uint(data, "num_vfs", nb_vfs);
	json_decref(ports);
	return rc;
}

static int
list_vfs(const struct question *question, struct rte_tel_data *data)
{
	json_t *ports = shown(question);
	const json_t *port = json_array_get(ports, 0);
	size_t nb = json_array_size(json_object_get(port, "vfs"));
	int rc = port == NULL ? -ENODEV : rte_tel_data_start_array(data, RTE_TEL_INT_VAL);

	for (size_t vf = 0; vf < nb && rc == 0; vf++)
		rc = rte_tel_data_add_array_int(data, vf);
	json_decref(ports);
	return rc;
}

static int
tell_vf(const struct question *question, struct rte_tel_data *data)
{
	json_t *ports = shown(question);
	const json_t *vfs = json_object_get(json_array_get(ports, 0), "vfs");
	const json_t *vf = json_array_get(vfs, 0);
	int rc = vf == NULL ? -ENODEV : rte_tel_data_start_dict(data);

	if (rc == 0)
		rc = add_object(data, "", vf);
	json_decref(ports);
	return rc;
}

static int
on_pf(const char *cmd, const char *params, struct rte_tel_data *data)
{
	struct question question;
	int rc = -EINVAL;

	(void)cmd;
	pthread_mutex_lock(&alive);
	if (asked != NULL && params == NULL)
		rc = list_pfs(data);
	else if (asked != NULL && parse(params, &question) == 0 && question.vf == CONTROL_VF_NONE)
		rc = tell_pf(&question, data);
	pthread_mutex_unlock(&alive);
	return rc;
}

static int
on_vf(const char *cmd, const char *params, struct rte_tel_data *data)
{
	struct question question;
	int rc = -EINVAL;

	(void)cmd;
	pthread_mutex_lock(&alive);
	if (asked != NULL && params != NULL && parse(params, &question) == 0)
		rc = question.vf == CONTROL_VF_NONE ? list_vfs(&question, data)
						    : tell_vf(&question, data);
	pthread_mutex_unlock(&alive);
	return rc;
}

void
telemetry_start(struct daemon *daemon)
{
	(void)rte_telemetry_register_cmd("/sluice/pf", on_pf,
					 "Lists the PFs, or shows one. Parameters: none, or string "
					 "pci");
	(void)rte_telemetry_register_cmd("/sluice/vf", on_vf,
					 "Lists a PF's VFs, or shows one. Parameters: string pci, "
					 "or string pci,int vf");
	pthread_mutex_lock(&alive);
	asked = daemon;
	pthread_mutex_unlock(&alive);
}

void
telemetry_stop(void)
{
	pthread_mutex_lock(&alive);
	asked = NULL;
	pthread_mutex_unlock(&alive);
}
