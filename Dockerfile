# Two images from one tree: `tierline` (the server, the last stage) and `asterisk` (the switch of docker-compose.yml).

# --- the browser pages -------------------------------------------------------------------------------------------
FROM node:22.18.0-bookworm-slim AS web
WORKDIR /web
COPY web/package.json web/package-lock.json ./
RUN npm install --no-save --no-audit --no-fund
COPY web ./
RUN npm run build

# --- the switch: Asterisk 22 comes with Debian's next release ------------------------------------------------------
FROM debian:forky-slim AS asterisk
RUN apt-get update \
    && apt-get install --yes --no-install-recommends asterisk asterisk-core-sounds-en-wav asterisk-moh-opsound-gsm \
    && rm -rf /var/lib/apt/lists/* /etc/asterisk/* \
    # The server reads recordings: both belong to a group of the same number.
    && groupadd --gid 4573 tierline \
    && usermod --append --groups tierline asterisk \
    && mkdir -p /var/spool/asterisk/monitor /var/log/asterisk/cdr-csv /var/log/asterisk/cel-custom /var/run/asterisk \
    && chown -R asterisk: /etc/asterisk /var/log/asterisk /var/run/asterisk \
    && chown asterisk:tierline /var/spool/asterisk/monitor \
    && chmod 2770 /var/spool/asterisk/monitor
COPY config/asterisk/start /usr/local/bin/asterisk-start
ENTRYPOINT ["asterisk-start"]
CMD ["asterisk", "-f", "-n", "-U", "asterisk", "-G", "asterisk"]
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["asterisk", "-rx", "core waitfullybooted"]

# --- the server ----------------------------------------------------------------------------------------------------
FROM python:3.11.13-slim-bookworm AS tierline
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# Letters for reports as PDF, Chinese ones too.
RUN apt-get update && apt-get install --yes --no-install-recommends fonts-wqy-microhei && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY config ./config
COPY cti ./cti
COPY customers ./customers
COPY routing ./routing
COPY recordings ./recordings
COPY care ./care
COPY qa ./qa
COPY simulator ./simulator
RUN pip install --no-cache-dir --constraint constraints.txt --editable . \
    # Compiled once here: a server that was killed is back half a second sooner.
    && python -m compileall -q -j 0 config cti customers routing recordings care qa simulator
COPY --from=web /web/dist ./web/dist
RUN groupadd --gid 4573 tierline \
    && useradd --uid 4573 --gid tierline --home-dir /var/lib/tierline --create-home tierline
USER tierline
# Relative paths of the settings (.run/…) lie here.
WORKDIR /var/lib/tierline
EXPOSE 8080 4573
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/health/live', timeout=2)"]
CMD ["cti", "serve"]
