"""Each option that is out of bounds gets one sentence, before anything is simulated."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.__main__ import main


@pytest.mark.parametrize("text", ["inf", "nan", "-1", "0", "1e300", "9" * 5000, "three"])
def test_a_number_that_is_none_or_out_of_bounds_gets_one_sentence(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {"hours", "seed", "vehicles", "late", "impossible", "late-up-to-minutes", "sensor-fault", "sensor-outage"}
    for name in sorted(
        names - ({"late", "impossible", "sensor-fault", "sensor-outage", "seed"} if text == "0" else set())
    ):
        if (name, text) == ("seed", "-1"):
            continue
        try:
            code = main(["--to-files", str(tmp_path), f"--{name}", text])
        except SystemExit as ended:
            code = ended.code  # type: ignore[assignment]  # argparse ends with a number
        assert code in (1, 2), (name, text)
        said = capsys.readouterr().err
        assert "Traceback" not in said
        assert f"--{name}" in said
        assert len(said.splitlines()[-1]) < 200


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "1969-06-01", "9999-12-31T23:59:59Z"])
def test_a_start_that_kafka_cannot_hold_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["--to-files", str(tmp_path), "--start", text])


@pytest.mark.parametrize("option", ["--to-files", "--truth"])
def test_a_url_is_no_folder(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([option, "s3://bucket/events"])
    assert "s3://bucket/events is a URL: give a folder on a local disk" in capsys.readouterr().err
