"""Results that are pushed to a bucket, of a server on this machine, and pulled from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hich.pull.__main__ import main as pull
from hich.push.__main__ import main as push
from tests.hich.project.test_sharing import (
    CORPUS,
    OF_IMAGING,
    VARS,
    change_code,
    clones,  # noqa: F401 - a fixture that `two` needs
    not_current,
    two,  # noqa: F401
)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give a bucket's name, and a client of it."""
    boto3 = pytest.importorskip("boto3")
    server = pytest.importorskip("moto.server").ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "of-this-test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    from cloudpathlib import S3Client

    S3Client().set_as_default_client()  # of this server
    client = boto3.client("s3")
    client.create_bucket(Bucket="results")
    yield client
    server.stop()


def test_a_bucket(two: Callable[[str], Path], bucket: Any, command: Any) -> None:  # noqa: F811
    two("a")
    address = "s3://results/of/us"
    result = command(push, address, *VARS, extra_arguments=True)
    assert result.exit_code == 0, result.stderr
    assert f"5 steps pushed to {address}; 0 were there before." in result.stdout
    again = command(push, address, *VARS, extra_arguments=True)
    assert f"0 steps pushed to {address}; 5 were there before." in again.stdout
    names = [one["Key"] for one in bucket.list_objects_v2(Bucket="results")["Contents"]]
    assert len(names) == 12 and all(name.startswith("of/us/") for name in names)

    two("b")
    change_code("imaging.train")  # what it made, and what rests on it, is stale here
    result = command(pull, address, *VARS, extra_arguments=True)
    assert result.exit_code == 0, result.stderr
    assert "imaging.train: nobody has pushed it for these inputs" in result.stdout
    assert not_current() == ["imaging.train", "imaging.evaluate"]
    assert (Path(CORPUS) / "result").read_text() == "of a"
    change_code()
    result = command(pull, address, *VARS, extra_arguments=True)
    assert f"2 steps pulled from {address}; 3 were current." in result.stdout
    assert not_current() == [] and len(OF_IMAGING) == 5


def test_a_bucket_that_is_not_there_or_does_not_answer(
    two: Callable[[str], Path],  # noqa: F811
    bucket: Any,
    command: Any,
) -> None:
    two("a")
    for what in (push, pull):
        result = command(what, "s3://elsewhere/x", *VARS, extra_arguments=True)
        assert result.exit_code == 1 and "s3://elsewhere/x: can't be reached, or" in result.stderr
    result = command(pull, "s3://results/nothing", *VARS, extra_arguments=True)
    assert result.exit_code == 1 and "s3://results/nothing: nothing was pushed" in result.stderr
    from cloudpathlib import S3Client

    S3Client(endpoint_url="http://127.0.0.1:1").set_as_default_client()
    for what in (push, pull):
        result = command(what, "s3://results/of/us", *VARS, extra_arguments=True)
        assert result.exit_code == 1 and "s3://results/of/us: can't be reached" in result.stderr
