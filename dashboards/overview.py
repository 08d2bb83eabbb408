# SPDX-License-Identifier: Apache-2.0
"""The dashboard "Overview": can we restore? Every target in one table, worst first."""
from grafana import (ANSWERS, BARS, BLUE, CAUSES, COLORED, GAUGE, GREEN, GREY, LIMIT, Metrics, NEUTRAL, ORANGE, PURPLE, RED, RESULTS, STEPS,
                     YELLOW, annotation, bars, dashboard as make_dashboard, mapping, override, query, series, steps, table, tile, tiles,
                     timeline, variable, words)

M = Metrics('target=~"$target"')
TARGET_LINK = {"title": "Open this target", "targetBlank": False, "url":
               "/d/backproof-target?var-datasource=${datasource}&var-instance=${__data.fields.Instance:percentencode}"
               "&var-target=${__value.raw:percentencode}&${__url_time_range}"}


def targets_by_state():
    answer = M.answer()
    values = [
        ("A", "Yes, proven", f"({answer}) == 2", GREEN),
        ("B", "Bad or missing", f"({answer}) >= 8", RED),
        ("C", "Proof overdue", f"({answer}) == 7", ORANGE),
        ("D", "Objective missed", f"({answer}) == 6 or ({answer}) == 4", YELLOW),
        ("E", "Could not tell", f"({answer}) == 5", PURPLE),
        ("F", "Not proven yet", f"({answer}) == 3", BLUE),
        ("G", "Disabled", f"({answer}) == 1", GREY),
        ("H", "All targets", M.one("target_enabled"), NEUTRAL),
    ]
    return tiles(
        "How many targets",
        "Every target is counted once, by its worst news; the last tile is their sum.\n\n"
        "- **Yes, proven**: the last run restored the backup and every check passed, in time, within every objective.\n"
        "- **Bad or missing**: the backup does not restore or a check disagrees; or no backup was found.\n"
        "- **Proof overdue**: the last pass is older than the target's limit.\n"
        "- **Objective missed**: the newest backup is too old (RPO) or the restore took too long (RTO).\n"
        "- **Could not tell**: the test could not be done. That is not the backup's fault.\n"
        "- **Not proven yet**: it never passed, and its limit is not over.",
        [tile(ref, name, f"count({condition}) or vector(0)", limits=steps((None, NEUTRAL), (1, color)))
         for ref, name, condition, color in values])


def targets_table():
    m = M.one
    queries = {
        "A": M.answer(),
        "B": M.result(),
        "C": M.age("last_success"),
        "D": f"({M.unproven_for()}) / ({m('verification_max_age_seconds')} > 0)",
        "E": M.age("backup_latest"),
        "F": M.age("backup_verified"),
        "G": f"{m('last_restore_duration_seconds')} > 0",
        "H": f"({m('last_restore_duration_seconds')} > 0) / ({m('rto_objective_seconds')} > 0)",
        "I": f"({m('next_run_timestamp_seconds')} > 0) * 1000",
        "J": f"max by (job, instance, target, engine) ({M.of('target_info')})",
    }
    columns = {"target": "Target", "Value #A": "Can we restore?", "Value #B": "Last run", "Value #C": "Last pass", "Value #D": "% of its limit",
               "Value #E": "Newest backup", "Value #F": "Proven RPO", "Value #G": "Restore time", "Value #H": "% of its objective",
               "Value #I": "Next run", "engine": "Engine", "instance": "Instance"}
    gauge = dict(unit="percentunit", decimals=0, min=0, max=1, thresholds=LIMIT, custom__cellOptions=GAUGE)
    return table(
        "Can we restore? Every target, worst first",
        "Click a target for its history.\n\n"
        "- **Can we restore?** the worst news of the target in words.\n"
        "- **Last run**: Passed; Failed = the backup is bad; Inconclusive = the test could not be done.\n"
        "- **Last pass**: how long ago, and how much of its limit (max_age) is used up; 100 % and more = overdue. "
        "A target that never passed is counted from when it was configured.\n"
        "- **Newest backup**: its age.\n"
        "- **Proven RPO**: the age of the backup that is proven to restore: what you would get back today.\n"
        "- **Restore time**: as measured in the last restore, and how much of its objective (rto) that is; above 100 % = too slow.\n"
        "- **–** means none, or no limit set.",
        queries, columns, sort="Value #A", hidden=["job", "Value #J"],
        overrides=[
            override("Target", links=[TARGET_LINK], custom__width=190),
            override("Can we restore?", mappings=mapping(ANSWERS), custom__cellOptions=COLORED, custom__width=165),
            override("Last run", mappings=mapping(RESULTS), custom__cellOptions={"type": "color-text"}, custom__width=110),
            override("Last pass", unit="s", decimals=1, noValue="never", custom__width=100),
            override("% of its limit", **gauge, custom__width=135),
            override("Newest backup", unit="s", decimals=1, noValue="none", custom__width=120),
            override("Proven RPO", unit="s", decimals=1, noValue="none", custom__width=105),
            override("Restore time", unit="s", decimals=1, custom__width=110),
            override("% of its objective", **gauge, custom__width=135),
            override("Next run", unit="dateTimeFromNow", noValue="not scheduled", custom__width=140),
            override("Engine", custom__width=95),
        ])


def running_table():
    going_on = f"{M.one('run_start_timestamp_seconds')} > 0"
    return table(
        "Runs going on",
        "Verifications that run now. **Progress** is the share of the work that is done; at **Time limit** (timeout) a run is stopped "
        "and counts as inconclusive.",
        {"A": f"time() - ({going_on})",
         "B": f"{M.one('run_progress_ratio')} and {going_on}",
         "C": f"{M.one('run_timeout_seconds')} and {going_on}"},
        {"target": "Target", "Value #A": "Running for", "Value #B": "Progress", "Value #C": "Time limit", "instance": "Instance"},
        sort="Value #A", hidden=["job"], no_value="Nothing runs now",
        overrides=[
            override("Target", links=[TARGET_LINK]),
            override("Running for", unit="s", decimals=1, custom__width=110),
            override("Progress", unit="percentunit", decimals=0, min=0, max=1, thresholds=steps((None, BLUE)), noValue="–",
                     custom__cellOptions=GAUGE),
            override("Time limit", unit="s", decimals=1, noValue="–", custom__width=100),
        ])


def causes_table():
    failures = f"round(sum by (job, instance, target, cause) (increase({M.of('run_failures_total')}[$__range]))) > 0"
    return table(
        "Why runs did not pass, in the time range shown",
        "Runs that did not pass, by target and cause. **Backup**: the backup is bad. **Test**: the test could not be done. "
        "The run's own sentence and hint are on backproof's page and in its log.",
        {"A": f'label_join({failures}, "meaning", "", "cause")'},
        {"target": "Target", "meaning": "What it means", "cause": "Cause", "Value": "Runs", "instance": "Instance"},
        sort="Value", hidden=["job"], no_value="Every run passed",
        overrides=[
            override("Target", links=[TARGET_LINK]),
            override("What it means", mappings=words(CAUSES)),
            override("Cause", custom__width=120),
            override("Runs", decimals=0, custom__width=65),
        ])


def services_table():
    p = M.process_one
    ok = lambda good, bad: mapping([(1, good, GREEN), (0, bad, RED)])
    return table(
        "backproof itself, per instance",
        "Whether the answers above can be trusted. The scheduler looks at the clock every second: one that last did "
        "so minutes ago (**Scheduler ran**) has stopped, and everything above is old. **Space** is what is left for sandboxes. **Left behind** are sandbox folders that could not "
        "be removed. **Missed starts** are runs that were due in the time range shown and did not start.",
        {"A": f"time() - ({p('backproof_scheduler_last_tick_timestamp_seconds')} > 0)",
         "B": p("backproof_config_last_reload_successful"),
         "C": p("backproof_history_store_up"),
         "D": p("backproof_workers_busy"),
         "E": p("backproof_workers"),
         "F": p("backproof_queue_length"),
         "G": p("backproof_scratch_avail_bytes"),
         "H": f"{p('backproof_scratch_avail_bytes')} / {p('backproof_scratch_size_bytes')}",
         "I": p("backproof_sandbox_leftovers"),
         "J": f"round(sum by (job, instance) (increase({M.of('schedule_misfires_total')}[$__range])))",
         "K": f"{p('process_start_time_seconds')} * 1000",
         "L": f"max by (job, instance, version) (backproof_exporter_build_info{{{M.process}}})"},
        {"instance": "Instance", "Value #A": "Scheduler ran", "Value #B": "Configuration", "Value #C": "History", "Value #D": "Running",
         "Value #E": "of workers", "Value #F": "Waiting", "Value #G": "Space left", "Value #H": "of the disk", "Value #I": "Left behind",
         "Value #J": "Missed starts", "Value #K": "Started", "version": "Version"},
        hidden=["job", "Value #L"],
        overrides=[
            override("Instance", custom__width=160),
            override("Scheduler ran", unit="s", decimals=0, custom__cellOptions={"type": "color-text"},
                     thresholds=steps((None, GREEN), (60, YELLOW), (300, RED))),
            override("Configuration", mappings=ok("Loaded", "Old one in use"), custom__cellOptions={"type": "color-text"}),
            override("History", mappings=ok("Works", "Broken"), custom__cellOptions={"type": "color-text"}),
            override("Space left", unit="bytes", decimals=1),
            override("of the disk", unit="percentunit", decimals=0, custom__cellOptions={"type": "color-text"},
                     thresholds=steps((None, RED), (0.1, YELLOW), (0.2, "text"))),
            override("Left behind|Missed starts", regex=True, decimals=0, custom__cellOptions={"type": "color-text"},
                     thresholds=steps((None, "text"), (1, YELLOW))),
            override("Started", unit="dateTimeFromNow", custom__width=135),
        ])


def dashboard():
    m = M.one
    selected = f'backproof_target_info{{{M.process}, engine=~"$engine"}}'
    return make_dashboard(
        "backproof-overview", "Backup verification / Overview",
        "Can we restore? What backproof found when it restored the newest backup of every target into a sandbox and questioned it.",
        [variable("job", "Job", "label_values(backproof_exporter_build_info, job)", all_value=".+"),
         variable("instance", "Instance", 'label_values(backproof_exporter_build_info{job=~"$job"}, instance)', all_value=".+"),
         variable("engine", "Engine", f"label_values(backproof_target_info{{{M.process}}}, engine)", all_value=".+"),
         variable("target", "Target", f"label_values({selected}, target)")],
        [annotation("backproof started", f"changes(process_start_time_seconds{{{M.process}}}[$__rate_interval]) > 0",
                    "backproof on {{instance}} started", BLUE),
         annotation("Runs that did not pass", f"increase({M.of('run_failures_total')}[$__rate_interval]) > 0.5",
                    "{{target}}: {{cause}}", RED, enable=False)],
        {
            "Can we restore?": [
                (4, [(24, targets_by_state())]),
                (12, [(24, targets_table())]),
                (10, [(24, timeline(
                    "Can we restore? Over time",
                    "The answer of the table for every target at every moment shown. Red: the backup was bad or missing. Orange: the proof "
                    "or the newest backup was too old. Purple: the test could not be done. Grey: disabled.",
                    [query("A", M.answer(), "{{target}}", instant=False)], ANSWERS))]),
            ],
            "Runs": [
                (8, [(10, running_table()), (14, causes_table())]),
                (8, [(24, series(
                    "Runs that did not pass, by cause",
                    "How many runs of all targets shown ended with which cause. One bar is a sixtieth of the time range.",
                    [query("A", f"round(sum by (cause) (increase({M.of('run_failures_total')}[$__rate_interval]))) > 0", "{{cause}}",
                           instant=False, interval="5m")],
                    "none", custom=BARS | {"axisSoftMax": 1}, decimals=0, noValue="Every run passed",
                    overrides=[override(cause, displayName=text, color={"mode": "fixed", "fixedColor": color})
                               for cause, (text, color) in CAUSES.items()]))]),
            ],
            "Against the objectives": [
                (10, [(10, bars(
                    "Newest backup: age in % of its objective",
                    "Age of the newest backup found against the recovery point objective (rpo) of its target; the fifteen worst. "
                    "Above 100 % more data would be lost than agreed.",
                    [query("A", f"sort_desc(topk(15, ({M.age('backup_latest')}) / ({m('rpo_objective_seconds')} > 0)))", "{{target}}")],
                    "percentunit", decimals=0, max=1, thresholds=LIMIT, noValue="No target has this objective")),
                    (14, series(
                        "Restore time in % of its objective",
                        "Measured time to fetch and restore against the recovery time objective (rto). Above the dashed line, 100 %, "
                        "a restore takes longer than agreed. Cut off at 200 %.",
                        [query("A", f"clamp_max(({m('last_restore_duration_seconds')} > 0) / ({m('rto_objective_seconds')} > 0), 2)",
                               "{{target}}", instant=False)],
                        "percentunit", custom=STEPS | {"axisSoftMax": 1.1, "thresholdsStyle": {"mode": "dashed"}}, decimals=0,
                        thresholds=steps((None, "transparent"), (1, RED)), noValue="No target has this objective"))]),
            ],
            "backproof itself": [(4, [(24, services_table())])],
        })
