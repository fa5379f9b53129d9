ALTER TABLE ps_aors DROP COLUMN qualify_2xx_only;
