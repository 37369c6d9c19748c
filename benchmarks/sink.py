"""A mail server on loopback that takes everything: `python -m benchmarks.sink PORT COUNT` prints when it had it all."""

import asyncio
import contextlib
import sys
import time


async def main(port: int, count: int) -> None:
    """Take so many mails; print the seconds between the first and the last."""
    done, times = asyncio.Event(), []

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await converse(reader, writer)
        writer.close()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink\r\n")
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                while (await reader.readline()) != b".\r\n":
                    pass
                times.append(time.perf_counter())
                if len(times) == count:
                    done.set()
            writer.write(b"221 bye\r\n" if word == b"QUIT" else b"250 sink\r\n")
            await writer.drain()
            if word == b"QUIT":
                break

    await asyncio.start_server(speak, "127.0.0.1", port)
    print("ready", flush=True)
    await asyncio.wait_for(done.wait(), 120)
    print(times[-1] - times[0], flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
