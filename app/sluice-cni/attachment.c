/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attachment.h"

#define SUFFIX     ".json"
#define PATH_BYTES (CONFIG_PATH_BYTES + 2 * CNI_NAME_BYTES)

/* No part of the name can have a colon. */
static void
path_of(const struct cni *cni, const char *container, const char *ifname, char path[PATH_BYTES])
{
	snprintf(path, PATH_BYTES, "%s/%s:%s" SUFFIX, cni->conf.state_dir, container, ifname);
}

static int
make_dir(const char *path)
{
	char part[CONFIG_PATH_BYTES];

	for (const char *slash = path; (slash = strchr(slash + 1, '/')) != NULL;) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return -errno;
	}
	return mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

int
attachment_lock(struct cni *cni, int *lock)
{
	const char *dir = cni->conf.state_dir;
	int rc = make_dir(dir);

	if (rc < 0)
		return cni_fail(cni, CNI_IO, "stateDir: %s: %s", dir, strerror(-rc));
	*lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*lock < 0)
		return cni_fail(cni, CNI_IO, "stateDir: %s: %s", dir, strerror(errno));
	while (flock(*lock, LOCK_EX) < 0)
		if (errno != EINTR) {
			close(*lock);
			return cni_fail(cni, CNI_IO, "stateDir: %s: %s", dir, strerror(errno));
		}
	return 0;
}

/* The keys that count. */
static json_t *
encode_policy(unsigned int keys, const struct vf_policy *policy)
{
	json_t *object = json_object();

	for (size_t i = 0; i < policy_keys_nb; i++)
		if ((keys >> i & 1) != 0)
			(void)json_object_set_new(object, policy_keys[i].name,
						  policy_key_encode(&policy_keys[i], policy));
	return object;
}

static json_t *
encode(const struct attachment *attachment)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:o, s:o}", "containerID",
			 attachment->container, "ifname", attachment->ifname, "network",
			 attachment->network, "netns", attachment->netns, "deviceID",
			 attachment->device, "inSysfs", attachment->in_sysfs, "netdev",
			 attachment->netdev, "netdevMac", attachment->netdev_mac, "before",
			 encode_policy(attachment->keys, &attachment->before), "set",
			 encode_policy(attachment->keys, &attachment->set));
}

/* @return which keys were there; 0 with reader->failed: one of them was bad */
static unsigned int
decode_policy(struct reader *reader, json_t *object, struct vf_policy *policy)
{
	unsigned int keys = 0;
	const char *name;
	json_t *value;

	*policy = policy_default;
	json_object_foreach(object, name, value)
	{
		const struct policy_key *key = policy_key_find(name);

		if (key == NULL || policy_key_read(key, reader, value, policy) < 0) {
			(void)reader_refuse(reader, "%s: not known", name);
			return 0;
		}
		keys |= 1u << (key - policy_keys);
	}
	return keys;
}

static bool
decode(json_t *object, struct attachment *attachment)
{
	const char *container, *ifname, *network, *netns, *device, *netdev, *mac;
	struct reader reader = { .path = "" };
	json_t *before, *set;
	int in_sysfs;

	if (json_unpack(object, "{s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:o, s:o}", "containerID",
			&container, "ifname", &ifname, "network", &network, "netns", &netns,
			"deviceID", &device, "inSysfs", &in_sysfs, "netdev", &netdev, "netdevMac",
			&mac, "before", &before, "set", &set) < 0)
		return false;
	snprintf(attachment->container, sizeof(attachment->container), "%s", container);
	snprintf(attachment->ifname, sizeof(attachment->ifname), "%s", ifname);
	snprintf(attachment->network, sizeof(attachment->network), "%s", network);
	snprintf(attachment->netns, sizeof(attachment->netns), "%s", netns);
	snprintf(attachment->device, sizeof(attachment->device), "%s", device);
	snprintf(attachment->netdev, sizeof(attachment->netdev), "%s", netdev);
	snprintf(attachment->netdev_mac, sizeof(attachment->netdev_mac), "%s", mac);
	attachment->in_sysfs = in_sysfs;
	attachment->keys = decode_policy(&reader, before, &attachment->before);
	return decode_policy(&reader, set, &attachment->set) == attachment->keys && !reader.failed;
}

static int
load(struct cni *cni, const char *path, struct attachment *attachment)
{
	json_error_t where;
	json_t *object;
	bool good;

	memset(attachment, 0, sizeof(*attachment));
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return cni_fail(cni, CNI_UNKNOWN_CONTAINER, "%s: there is no such attachment",
				path);
	object = json_load_file(path, 0, &where);
	good = object != NULL && decode(object, attachment);
	json_decref(object);
	return good ? 0 : cni_fail(cni, CNI_IO, "%s: cannot be read as an attachment", path);
}

int
attachment_load(struct cni *cni, const char *container, const char *ifname,
		struct attachment *attachment)
{
	char path[PATH_BYTES];

	path_of(cni, container, ifname, path);
	return load(cni, path, attachment);
}

/* On the disk, when it returns true. */
static bool
write_file(const char *path, const json_t *object)
{
	FILE *file = fopen(path, "we");
	bool good = file != NULL && json_dumpf(object, file, JSON_INDENT(2)) == 0 &&
		    fflush(file) == 0 && fsync(fileno(file)) == 0;

	return (file == NULL || fclose(file) == 0) && good;
}

int
attachment_save(struct cni *cni, const struct attachment *attachment)
{
	json_t *object = encode(attachment);
	char path[PATH_BYTES], draft[PATH_BYTES + 4];
	int rc = 0;

	path_of(cni, attachment->container, attachment->ifname, path);
	snprintf(draft, sizeof(draft), "%s.new", path);
	if (object == NULL || !write_file(draft, object) || rename(draft, path) < 0)
		rc = cni_fail(cni, CNI_IO, "%s: %s", path, strerror(errno));
	json_decref(object);
	return rc;
}

void
attachment_forget(const struct cni *cni, const struct attachment *attachment)
{
	char path[PATH_BYTES];

	path_of(cni, attachment->container, attachment->ifname, path);
	(void)unlink(path);
}

static bool
is_record(const char *name)
{
	size_t bytes = strlen(name);

	return bytes > strlen(SUFFIX) && strcmp(name + bytes - strlen(SUFFIX), SUFFIX) == 0;
}

int
attachment_each(struct cni *cni, attachment_visit_t *visit, void *ctx)
{
	DIR *dir = opendir(cni->conf.state_dir);
	struct attachment attachment;
	const struct dirent *entry;
	char path[PATH_BYTES];
	int rc = 0, bad = 0;

	if (dir == NULL)
		return errno == ENOENT ? 0
				       : cni_fail(cni, CNI_IO, "stateDir: %s: %s",
						  cni->conf.state_dir, strerror(errno));
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		if (!is_record(entry->d_name))
			continue;
		snprintf(path, sizeof(path), "%s/%s", cni->conf.state_dir, entry->d_name);
		bad = load(cni, path, &attachment) == 0 ? bad : CNI_IO;
		/* An empty name: not one that could be read. */
		if (attachment.container[0] != '\0')
			rc = visit(cni, &attachment, ctx);
	}
	closedir(dir);
	return rc != 0 ? rc : bad;
}
