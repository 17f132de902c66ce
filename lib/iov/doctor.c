/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Looks at every precondition of the host, and says what mends it; changes nothing. */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "doctor.h"
#include "sysfs.h"
#include "usage.h"

#define REMEDY     "; run: "
#define NET_CLASS  "0x02"
#define BRIDGE     "0x06"
#define HUGEPAGES  "hugepages"

/* To whom it is told. */
struct doctor {
	const struct iov_root *root;
	const char *subject;
	iov_report_t *report;
	void *ctx;
};

static void
tell(const struct doctor *doctor, const char *check, enum iov_verdict verdict, const char *line)
{
	struct iov_finding finding = {
		.check = check,
		.subject = doctor->subject,
		.verdict = verdict,
	};
	char *remedy;

	snprintf(finding.line, sizeof(finding.line), "%s", line);
	remedy = strstr(finding.line, REMEDY);
	if (remedy != NULL) {
		*remedy = '\0';
		finding.remedy = remedy + strlen(REMEDY);
	}
	doctor->report(doctor->ctx, &finding);
}

/* All that a check found, or that it found nothing; @return whether it is good. */
static bool
tell_problems(const struct doctor *doctor, const char *check, const char *good,
	      const struct iov_problems *problems)
{
	for (unsigned int i = 0; i < problems->nb; i++) {
		const char *line = problems->problem[i].line;
		size_t prefix = strlen(doctor->subject);

		/* The subject has a column of its own. */
		if (strncmp(line, doctor->subject, prefix) == 0 && line[prefix] == ':')
			line += prefix + 2;
		tell(doctor, check, IOV_BAD, line);
	}
	if (problems->nb == 0)
		tell(doctor, check, IOV_GOOD, good);
	return problems->nb == 0;
}

void
iov_doctor_host(const struct iov_root *root, unsigned int hugepages_mb, bool is_served,
		iov_report_t *report, void *ctx)
{
	const struct doctor doctor = { root, "host", report, ctx };

	for (unsigned int i = 0; i < IOV_HOST_CHECKS; i++) {
		const struct iov_host_check *check = &iov_host_checks[i];
		struct iov_problems problems = { .nb = 0 };

		if (is_served && strcmp(check->name, HUGEPAGES) == 0) {
			tell(&doctor, check->name, IOV_GOOD, "sluiced has its own");
			continue;
		}
		check->run(root, hugepages_mb, &problems);
		(void)tell_problems(&doctor, check->name, check->good, &problems);
	}
}

static bool
has_class(const struct iov_root *root, const char *pci, const char *class)
{
	struct path path = sysfs_device(root, pci, "class");
	char line[16];

	return sysfs_read_line(&path, line, sizeof(line)) == 0 &&
	       strncmp(line, class, strlen(class)) == 0;
}

/*
 * Whether it is alone in its IOMMU group, bridges aside; else @p other is with whom. Functions that
 * can reach each other without the IOMMU share a group: that is what the lack of ACS looks like.
 */
static bool
is_alone(const struct iov_root *root, const char *pci, char other[IOV_PCI_BYTES])
{
	struct path path = sysfs_device(root, pci, "iommu_group/devices");
	DIR *dir = opendir(path.text);
	struct dirent *entry;
	bool alone = true;

	while (dir != NULL && alone && (entry = readdir(dir)) != NULL) {
		alone = entry->d_name[0] == '.' || strcmp(entry->d_name, pci) == 0 ||
			has_class(root, entry->d_name, BRIDGE);
		if (!alone)
			snprintf(other, IOV_PCI_BYTES, "%.12s", entry->d_name);
	}
	if (dir != NULL)
		closedir(dir);
	return alone;
}

static void
look_at_acs(const struct doctor *doctor, const struct iov_request *request)
{
	char line[IOV_LINE_BYTES], other[IOV_PCI_BYTES], vf_pci[IOV_PCI_BYTES];
	bool alone = is_alone(doctor->root, request->pci, other);
	const char *who = request->pci;

	for (unsigned int vf = 0; vf < IOV_VFS_MAX && alone; vf++) {
		iov_vf_pci(doctor->root, request->pci, vf, vf_pci);
		if (vf_pci[0] == '\0')
			break;
		alone = is_alone(doctor->root, vf_pci, other);
		who = vf_pci;
	}
	if (alone) {
		tell(doctor, "acs", IOV_GOOD, "each function has an IOMMU group of its own");
		return;
	}
	snprintf(line, sizeof(line),
		 "%s shares its IOMMU group with %s, so one owner must have both: enable ACS in "
		 "the firmware, or use another slot",
		 who, other);
	tell(doctor, "acs", IOV_NOTE, line);
}

static void
look_at_driver(const struct doctor *doctor, const char *pci)
{
	char driver[IOV_DRIVER_BYTES], line[IOV_LINE_BYTES];

	sysfs_bound_driver(doctor->root, pci, driver, sizeof(driver));
	if (driver[0] == '\0')
		snprintf(line, sizeof(line), "none has it; sluiced takes it");
	else if (strcmp(driver, "vfio-pci") == 0)
		snprintf(line, sizeof(line), "vfio-pci has it");
	else
		snprintf(line, sizeof(line), "%s has it; sluiced takes it, and gives it back",
			 driver);
	tell(doctor, "driver", IOV_GOOD, line);
}

void
iov_doctor_port(const struct iov_root *root, const struct iov_request *request, bool is_served,
		iov_report_t *report, void *ctx)
{
	const struct doctor doctor = { root, request->pci, report, ctx };

	for (unsigned int i = 0; i < IOV_PORT_CHECKS; i++) {
		const struct iov_port_check *check = &iov_port_checks[i];
		struct iov_problems problems = { .nb = 0 };

		if (is_served && check->is_use) {
			tell(&doctor, check->name, IOV_GOOD, "sluiced serves it");
			continue;
		}
		check->run(root, request, &problems);
		if (!tell_problems(&doctor, check->name, check->good, &problems) && check->is_base)
			return;
	}
	look_at_acs(&doctor, request);
	look_at_driver(&doctor, request->pci);
}

static int
by_address(const void *a, const void *b)
{
	return strcmp(a, b);
}

unsigned int
iov_find_ports(const struct iov_root *root, char pci[][IOV_PCI_BYTES], unsigned int max)
{
	struct path devices = sysfs_device(root, "", "");
	DIR *dir = opendir(devices.text);
	struct dirent *entry;
	unsigned int nb = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		struct path total = sysfs_device(root, entry->d_name, "sriov_totalvfs");

		if (!sysfs_exists(&total) || !has_class(root, entry->d_name, NET_CLASS))
			continue;
		if (nb < max)
			snprintf(pci[nb], IOV_PCI_BYTES, "%.12s", entry->d_name);
		nb++;
	}
	if (dir != NULL)
		closedir(dir);
	qsort(pci, nb < max ? nb : max, IOV_PCI_BYTES, by_address);
	return nb;
}
